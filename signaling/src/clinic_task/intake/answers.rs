//! What a patient answers to the form, and which answer does not fit it.

use std::collections::BTreeMap;

use vestibule_clinic::{AnswerError, AnswerFault, Code, FormAnswer, Input, Refusal};
use vestibule_protocol::intake::FormAnswers;
use vestibule_protocol::server::Reply;
use vestibule_protocol::{ErrorBody, ErrorCode};
use vestibule_vocab::{Redacted, VisitId};

use super::words;
use crate::clinic_task::batch::Batch;
use crate::clinic_task::desk::Desk;
use crate::clinic_task::requests::patient;
use crate::clinic_task::translate;
use crate::identity::Subject;

/// Answers as the clinic reads them.
type Read = Redacted<BTreeMap<Code, FormAnswer>>;

impl Desk {
    /// A patient answers the form.
    pub(in crate::clinic_task) fn answer_form(
        &mut self,
        subject: Subject,
        answers: Redacted<FormAnswers>,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        let (patient, visit) = patient(subject)?;
        let answers = read(answers)?;
        let input = Input::AnswerForm {
            patient,
            visit,
            answers: answers.clone(),
        };
        match self.decide(input, batch) {
            Ok(()) => Ok(Some(Reply::Done)),
            Err(Refusal::Answer(fault)) => {
                let wrong = self.first_wrong(visit, &answers);
                Err(told(fault, wrong.map(|it| it.question).as_ref()))
            }
            Err(why) => Err(translate::told(why, self.around.clock.now())),
        }
    }

    /// The first answer that does not fit, found as the clinic found it.
    fn first_wrong(&self, visit: VisitId, answers: &Read) -> Option<AnswerError> {
        let service = self.clinic.visit(visit)?.visit.service;
        let form = self.clinic.service(service)?.form.as_ref()?;
        form.check_so_far(answers).err()
    }
}

fn read(answers: Redacted<FormAnswers>) -> Result<Read, ErrorBody> {
    let mut read = BTreeMap::new();
    for (question, answer) in answers.into_exposed() {
        // What is no code is none of the form's, and may be anything: it is not said again.
        let question =
            Code::try_from(question).map_err(|_| told(AnswerFault::UnknownQuestion, None))?;
        let answer = words::answer(answer).map_err(|fault| told(fault, Some(&question)))?;
        read.insert(question, answer);
    }
    Ok(Redacted::new(read))
}

/// A refused answer, with the question, which is the clinic's own word, and without what was answered.
fn told(fault: AnswerFault, question: Option<&Code>) -> ErrorBody {
    let body = ErrorBody::from(ErrorCode::AnswerInvalid);
    let which = question.map_or("one of them", Code::as_str);
    ErrorBody {
        message: format!("{} What is wrong, with {which}: {fault}.", body.message),
        question: question.map(|it| it.as_str().to_owned()),
        ..body
    }
}
