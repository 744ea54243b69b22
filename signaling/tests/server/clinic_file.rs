//! The clinic's file, start by start: who and what is known by its name keeps its id, whatever the order, and a file that is
//! refused leaves nothing behind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use vestibule_signaling::{ClinicFile, Name, Rate, Server};

use crate::support::{House, Kind, Rest};

crate::on_both_stores!(
    m19_another_order_in_the_file_renames_nobody,
    m19_a_service_made_through_the_api_is_found_by_its_name,
    m19_what_was_used_is_not_taken_over,
    m19_what_somebody_set_is_not_taken_over,
    m19_a_refused_file_leaves_nothing_behind,
    m19_a_second_one_of_a_name_is_refused_and_the_file_moves_nobody,
    m19_an_option_gives_nobody_the_name_of_another,
);

/// A house whose file can be written anew.
struct Written {
    house: House,
    file: Arc<Mutex<Value>>,
}

impl Written {
    async fn open(kind: Kind, first: Value) -> Self {
        let file = Arc::new(Mutex::new(first));
        let read = file.clone();
        let house = House::open_on_with(kind, move |it| {
            let text = read.lock().unwrap().to_string();
            it.clinic = (text != "null").then(|| ClinicFile::parse(&text).unwrap());
            it.rates.exchanges = Rate {
                burst: 1_000,
                ..it.rates.exchanges
            };
        })
        .await;
        Self { house, file }
    }

    async fn start_with(&mut self, file: Value) {
        *self.file.lock().unwrap() = file;
        self.house.restart().await;
    }

    /// Ids by name, as the API lists them.
    async fn listed(&self, path: &str) -> BTreeMap<String, String> {
        let rest = Rest::of(&self.house).await;
        let listed = rest.get(path).await.good();
        let items = listed["items"].as_array().unwrap().iter();
        items
            .map(|it| {
                let text = |field: &str| it[field].as_str().unwrap().to_owned();
                (text("name"), text("id"))
            })
            .collect()
    }

    async fn services(&self) -> BTreeMap<String, String> {
        self.listed("/services").await
    }

    async fn practitioners(&self) -> BTreeMap<String, String> {
        self.listed("/practitioners").await
    }

    /// The service of somebody who does not choose.
    async fn unchosen(&self) -> String {
        let (_device, _page) = self.house.waiting("Ada").await;
        let rest = Rest::of(&self.house).await;
        let visits = rest.get("/visits").await.good();
        let last = visits["items"].as_array().unwrap().last().unwrap();
        last["service"].as_str().unwrap().to_owned()
    }
}

fn names(listed: &BTreeMap<String, String>) -> Vec<&str> {
    listed.keys().map(String::as_str).collect()
}

fn file(services: &[&str], practitioners: &[&str]) -> Value {
    let named = |names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| json!({ "name": name })).collect()
    };
    json!({ "services": named(services), "practitioners": named(practitioners) })
}

async fn m19_another_order_in_the_file_renames_nobody(kind: Kind) {
    let mut it = Written::open(kind, file(&["A", "B"], &["Dr A", "Dr B"])).await;
    let (services, practitioners) = (it.services().await, it.practitioners().await);
    assert_eq!(
        names(&services),
        ["A", "B"],
        "the founding one is taken over"
    );
    assert_eq!(names(&practitioners), ["Dr A", "Dr B"]);
    it.start_with(file(&["B", "A"], &["Dr B", "Dr A"])).await;
    assert_eq!(it.services().await, services);
    assert_eq!(it.practitioners().await, practitioners);
    let unchosen = it.unchosen().await;
    assert_eq!(
        unchosen, services["B"],
        "the first of the file is for those who do not choose"
    );
    // A name that is new is a new one's, also where another stood.
    it.start_with(file(&["C", "A"], &["Dr C", "Dr A"])).await;
    let (now, people) = (it.services().await, it.practitioners().await);
    assert_eq!(names(&now), ["A", "B", "C"]);
    assert_eq!(names(&people), ["Dr A", "Dr B", "Dr C"]);
    assert!(services.iter().all(|(name, id)| now[name] == *id));
    assert!(practitioners.iter().all(|(name, id)| people[name] == *id));
    let links = &it.house.server().links().practitioners;
    assert_eq!(links.len(), 3, "who is new has a link");
}

async fn m19_a_service_made_through_the_api_is_found_by_its_name(kind: Kind) {
    let mut it = Written::open(kind, Value::Null).await;
    let before = it.services().await;
    let rest = Rest::of(&it.house).await;
    let made = json!({ "name": "Plain", "specialty": "general_practice", "open": true });
    let made = rest.post("/services", &made).await.good();
    it.start_with(file(&["Plain"], &["Dr Martin"])).await;
    let now = it.services().await;
    assert_eq!(now["Plain"], made["id"]);
    assert_eq!(now["General practice"], before["General practice"]);
    assert_eq!(now.len(), 2);
    assert_eq!(it.unchosen().await, now["Plain"]);
}

async fn m19_what_was_used_is_not_taken_over(kind: Kind) {
    let mut it = Written::open(kind, Value::Null).await;
    let (services, people) = (it.services().await, it.practitioners().await);
    let used = it.unchosen().await;
    it.house.practitioner().await;
    it.start_with(file(&["A"], &["Dr A"])).await;
    let (now, staff) = (it.services().await, it.practitioners().await);
    assert_eq!(now["General practice"], used);
    assert_eq!(now["General practice"], services["General practice"]);
    assert_eq!(staff["Dr Martin"], people["Dr Martin"]);
    assert_eq!((now.len(), staff.len()), (2, 2));
}

async fn m19_what_somebody_set_is_not_taken_over(kind: Kind) {
    let mut it = Written::open(kind, Value::Null).await;
    let (services, people) = (it.services().await, it.practitioners().await);
    let (service, practitioner) = (&services["General practice"], &people["Dr Martin"]);
    let rest = Rest::of(&it.house).await;
    for path in [
        format!("/services/{service}"),
        format!("/practitioners/{practitioner}"),
    ] {
        let mut kept = rest.get(&path).await.good();
        kept.as_object_mut()
            .unwrap()
            .retain(|field, _| ["name", "specialty", "open", "services"].contains(&field.as_str()));
        rest.put(&path, &kept).await.good();
    }
    it.start_with(file(&["A"], &["Dr A"])).await;
    assert_eq!(&it.services().await["General practice"], service);
    assert_eq!(&it.practitioners().await["Dr Martin"], practitioner);
}

async fn m19_a_refused_file_leaves_nothing_behind(kind: Kind) {
    let mut it = Written::open(kind, Value::Null).await;
    let (services, people) = (it.services().await, it.practitioners().await);
    it.house.server.take().unwrap().stop().await;
    *it.file.lock().unwrap() = json!({
        "services": [{ "name": "A" }],
        "practitioners": [{ "name": "Dr X", "services": ["B"] }],
    });
    let Err(refused) = Server::start(it.house.settings()).await else {
        panic!("nobody offers B");
    };
    assert_eq!(
        refused.to_string(),
        "practitioners[0].services[0]: there is no service of this name"
    );
    *it.file.lock().unwrap() = Value::Null;
    it.house.start().await;
    assert_eq!(it.services().await, services);
    assert_eq!(it.practitioners().await, people);
}

fn taken() -> (u16, String) {
    (409, "name_taken".to_owned())
}

async fn m19_a_second_one_of_a_name_is_refused_and_the_file_moves_nobody(kind: Kind) {
    let written = || file(&["General practice"], &["Dr Martin"]);
    let mut it = Written::open(kind, written()).await;
    let (services, people) = (it.services().await, it.practitioners().await);
    let (_device, _page) = it.house.waiting("Ada").await;
    let rest = Rest::of(&it.house).await;
    let service = |name: &str| json!({ "name": name, "specialty": "general_practice" });
    for again in ["General practice", "  General practice\n"] {
        let refused = rest.post("/services", &service(again)).await;
        assert_eq!(refused.problem(), taken());
    }
    let other = rest.post("/services", &service("Dermatology")).await.good();
    let other = format!("/services/{}", other["id"].as_str().unwrap());
    let refused = rest.put(&other, &service("General practice")).await;
    assert_eq!(refused.problem(), taken());
    // What keeps its name may be changed.
    rest.put(&other, &service("Dermatology")).await.good();

    let practises = json!([services["General practice"]]);
    let person = |name: &str| json!({ "name": name, "services": practises });
    let refused = rest.post("/practitioners", &person("Dr Martin")).await;
    assert_eq!(refused.problem(), taken());
    let apart = person("Dr Martin, dermatologist");
    let apart = rest.post("/practitioners", &apart).await.good();
    let apart = format!("/practitioners/{}", apart["id"].as_str().unwrap());
    let refused = rest.put(&apart, &person("Dr Martin")).await;
    assert_eq!(refused.problem(), taken());

    it.start_with(written()).await;
    let (now, staff) = (it.services().await, it.practitioners().await);
    assert_eq!(now["General practice"], services["General practice"]);
    assert_eq!(staff["Dr Martin"], people["Dr Martin"]);
    assert_eq!((now.len(), staff.len()), (2, 2));
    let mut console = it.house.practitioner().await.open().await;
    console.practitioner(|it| it.waiting.len() == 1).await;
}

async fn m19_an_option_gives_nobody_the_name_of_another(kind: Kind) {
    let mut it = Written::open(kind, Value::Null).await;
    let rest = Rest::of(&it.house).await;
    let service = json!({ "name": "Dermatology", "specialty": "dermatology" });
    rest.post("/services", &service).await.good();
    let person = json!({ "name": "Dr Peeters", "services": [] });
    rest.post("/practitioners", &person).await.good();
    let (services, people) = (it.services().await, it.practitioners().await);
    it.house.server.take().unwrap().stop().await;
    let named =
        |names: &[&str]| -> Vec<Name> { names.iter().map(|name| name.parse().unwrap()).collect() };
    for names in [&["Dr Peeters"][..], &["Dr A", "Dr A"]] {
        let mut settings = it.house.settings();
        settings.names.practitioners = named(names);
        let why = Server::start(settings).await.err().unwrap().to_string();
        assert!(why.starts_with("--practitioner-name: another one"), "{why}");
    }
    let mut settings = it.house.settings();
    settings.names.service = named(&["Dermatology"]).pop();
    let why = Server::start(settings).await.err().unwrap().to_string();
    assert!(why.starts_with("--service-name: another one"), "{why}");
    it.house.start().await;
    assert_eq!(it.services().await, services);
    assert_eq!(it.practitioners().await, people);
}
