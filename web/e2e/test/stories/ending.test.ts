import { describe, it } from 'vitest';
import {
  admit,
  consult,
  end,
  enterWaitingRoom,
  hasPlace,
  leave,
  meetEachOther,
  rowOf,
} from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

describe('a consultation', () => {
  it(
    'ends when the patient leaves, with a clear page for both',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      await leave(patient);
      await patient.isAt('You have left');
      await practitioner.isAt('Waiting room');
      await practitioner.reads('Last consultation');
      await practitioner.reads('The patient left');
      await practitioner.reads('Nobody is waiting');
    }),
  );

  it(
    'ends when the practitioner ends it, and the patient can come again',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      await end(practitioner);
      await patient.isAt('The consultation is over');
      await practitioner.isAt('Waiting room');
      await practitioner.reads('Ended by you');
      await patient.press('Start a new visit');
      await enterWaitingRoom(patient);
      await admit(practitioner, 'patientA');
      await meetEachOther(patient, practitioner);
    }),
  );
});

describe('the waiting room', () => {
  it(
    'goes on with the next patient, three in order',
    inWorld({}, async (world) => {
      const practitioner = await world.practitioner();
      const first = await world.patient('patientA');
      await enterWaitingRoom(first);
      const second = await world.patient('patientB');
      await enterWaitingRoom(second);
      const third = await world.patient('patientC');
      await enterWaitingRoom(third);
      await hasPlace(first, 1);
      await hasPlace(second, 2);
      await hasPlace(third, 3);

      await admit(practitioner, 'patientA');
      await meetEachOther(first, practitioner);
      await hasPlace(second, 1);
      await hasPlace(third, 2);
      await end(practitioner);
      await first.isAt('The consultation is over');
      await first.close();

      await admit(practitioner, 'patientB');
      await meetEachOther(second, practitioner);
      await hasPlace(third, 1);
      await leave(second);
      await second.isAt('You have left');
      await second.close();

      await admit(practitioner, 'patientC');
      await meetEachOther(third, practitioner);
      await end(practitioner);
      await practitioner.reads('Nobody is waiting');
    }),
  );

  it(
    'is left by who does not want to wait, and the others move up',
    inWorld({}, async (world) => {
      const practitioner = await world.practitioner();
      const first = await world.patient('patientA');
      await enterWaitingRoom(first);
      const second = await world.patient('patientB');
      await enterWaitingRoom(second);
      await hasPlace(second, 2);
      await first.press('Leave the waiting room');
      await first.press('Yes, leave');
      await first.isAt('You have left');
      await hasPlace(second, 1);
      await rowOf(practitioner, 'patientA').waitFor({ state: 'detached' });
    }),
  );

  it(
    'tells a declined patient why, in the practitioner’s words',
    inWorld({}, async (world) => {
      const [practitioner, patient] = await Promise.all([
        world.practitioner(),
        world.patient('patientB'),
      ]);
      await enterWaitingRoom(patient);
      await practitioner.press(`Decline ${patient.name}`);
      await practitioner.page.getByLabel('Not the right service').check();
      await practitioner.fill(
        'Your own words to the patient (optional)',
        'Please ask at the dental clinic.',
      );
      await practitioner.press('Decline the visit');
      await patient.isAt('This is not the right service');
      await patient.reads('Please ask at the dental clinic.');
      await practitioner.reads('Nobody is waiting');
    }),
  );
});
