//! A server of its own for a test, on a temporary data directory and a free port of loopback.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;
use vestibule_protocol::server::PractitionerSnapshot;
use vestibule_signaling::clock::ManualClock;
use vestibule_signaling::{Administration, Server, Settings, TokenKey};
use vestibule_vocab::{ClinicId, Millis, Timestamp};

use super::{Device, Page, postgres};

/// When the tests' clock begins.
pub const START: Timestamp = Timestamp(1_800_000_000_000);

/// What links are signed with.
static TOKEN_KEY: LazyLock<Vec<u8>> = LazyLock::new(|| TokenKey::generate().unwrap());

/// Which database holds the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// What a test changes of the settings, at each start.
type Change = Box<dyn Fn(&mut Settings) + Send>;

/// A running server with its directory.
pub struct House {
    pub server: Option<Server>,
    pub clock: ManualClock,
    pub data: TempDir,
    /// The address of the database, if it is PostgreSQL's.
    pub store: Option<String>,
    change: Change,
}

impl House {
    /// Opens with the settings that people get.
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// Opens with some settings changed.
    pub async fn open_with(change: impl Fn(&mut Settings) + Send + 'static) -> Self {
        Self::open_on_with(Kind::Sqlite, change).await
    }

    /// Opens on a new store of this kind.
    pub async fn open_on(kind: Kind) -> Self {
        Self::open_on_with(kind, |_| {}).await
    }

    /// Opens on a new store of this kind with some settings changed.
    pub async fn open_on_with(kind: Kind, change: impl Fn(&mut Settings) + Send + 'static) -> Self {
        let store = (kind == Kind::Postgres).then(|| postgres::shared().database());
        Self::open_in(store, change).await
    }

    /// Opens on the database at this address.
    pub async fn open_at(store: String) -> Self {
        Self::open_in(Some(store), |_| {}).await
    }

    async fn open_in(
        store: Option<String>,
        change: impl Fn(&mut Settings) + Send + 'static,
    ) -> Self {
        let mut house = Self {
            store,
            server: None,
            clock: ManualClock::new(START),
            data: tempfile::tempdir().unwrap(),
            change: Box::new(change),
        };
        house.give_key();
        house.start().await;
        house
    }

    /// Opens another server on the same store and with the same clock, but with a directory of its own.
    pub async fn open_beside(
        other: &Self,
        change: impl Fn(&mut Settings) + Send + 'static,
    ) -> Self {
        let mut house = Self {
            store: other.store.clone(),
            server: None,
            clock: other.clock.clone(),
            data: tempfile::tempdir().unwrap(),
            change: Box::new(change),
        };
        house.give_key();
        house.start().await;
        house
    }

    /// All houses have the same keys, as those on one store need to.
    fn give_key(&self) {
        let data = self.data.path().join("data");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("personal-data.key"), [7; 32]).unwrap();
        std::fs::write(data.join("token-key.p8"), TOKEN_KEY.as_slice()).unwrap();
    }

    pub fn settings(&self) -> Settings {
        let mut settings = Settings::new(self.data.path().join("data"));
        settings.http = Some(([127, 0, 0, 1], 0).into());
        settings.clock = Arc::new(self.clock.clone());
        settings.policy.keep_place = settings.policy.grace;
        settings.store = self.store.as_ref().map(|url| url.parse().unwrap());
        (self.change)(&mut settings);
        settings
    }

    /// The store, opened beside the server.
    pub async fn administration(&self) -> Administration {
        let url = self.store.as_ref().map(|url| url.parse().unwrap());
        let data = self.data.path().join("data");
        Administration::open(&data, url.as_ref()).await.unwrap()
    }

    pub async fn start(&mut self) {
        self.server = Some(Server::start(self.settings()).await.unwrap());
    }

    /// Stops the server in the ordinary way, and starts it again, on another port.
    pub async fn restart(&mut self) {
        self.server.take().unwrap().stop().await;
        self.start().await;
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub fn address(&self) -> SocketAddr {
        self.server().addresses().http.unwrap()
    }

    pub fn advance(&self, by: Millis) {
        self.clock.advance(by);
    }

    /// The walk-in link's code.
    pub fn code(&self) -> String {
        fragment(self.server().links().patient.expose())
    }

    /// The join token of the first practitioner.
    pub fn practitioner_token(&self) -> String {
        self.token_of(0)
    }

    fn token_of(&self, place: usize) -> String {
        fragment(self.server().links().practitioners[place].link.expose())
    }

    pub fn device(&self) -> Device {
        Device::new(self.address())
    }

    /// A new patient's device, with a session.
    pub async fn patient(&self) -> Device {
        let mut device = self.device();
        let token = device.walk_in(&self.code()).await.unwrap();
        device.claim(&token).await.unwrap();
        device
    }

    /// The practitioner's device, with a session. Once for each start.
    pub async fn practitioner(&self) -> Device {
        self.practitioner_at(0).await
    }

    /// The device of the practitioner at this place, with a session.
    pub async fn practitioner_at(&self, place: usize) -> Device {
        let mut device = self.device();
        device.claim(&self.token_of(place)).await.unwrap();
        device
    }

    /// A patient who has arrived.
    pub async fn waiting(&self, name: &str) -> (Device, Page) {
        let device = self.patient().await;
        let mut page = device.open().await;
        page.arrive(name, "").await.unwrap();
        (device, page)
    }

    pub fn database(&self) -> PathBuf {
        self.data.path().join("data/vestibule.sqlite3")
    }

    /// Another connection to the store.
    pub async fn sql(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.database());
        SqlitePool::connect_with(options).await.unwrap()
    }

    /// Does something to the store behind the server's back.
    pub async fn meddle(&self, sqlite: &'static str, postgres: &'static str) {
        match &self.store {
            None => {
                let sql = self.sql().await;
                sqlx::raw_sql(sqlite).execute(&sql).await.unwrap();
            }
            Some(url) => {
                let sql = sqlx::PgPool::connect(url).await.unwrap();
                sqlx::raw_sql(postgres).execute(&sql).await.unwrap();
            }
        }
    }

    /// All that is stored, but for the version: what a refused message must not change.
    pub async fn stored(&self) -> Vec<String> {
        const TABLES: &[&str] = &[
            "SELECT * FROM visits ORDER BY id",
            "SELECT * FROM personal ORDER BY visit",
            "SELECT * FROM consultations ORDER BY id",
            "SELECT * FROM legs ORDER BY consultation, participant",
            "SELECT * FROM mls_log ORDER BY consultation, sequence",
            "SELECT * FROM sessions ORDER BY id",
            "SELECT * FROM used_tokens ORDER BY id",
        ];
        let mut rows = Vec::new();
        match &self.store {
            None => {
                let sql = self.sql().await;
                for table in TABLES {
                    for row in sqlx::query(*table).fetch_all(&sql).await.unwrap() {
                        rows.push(columns(&row));
                    }
                }
            }
            Some(url) => {
                let sql = sqlx::PgPool::connect(url).await.unwrap();
                for table in TABLES {
                    let whole = format!("SELECT row_to_json(it)::text FROM ({table}) it");
                    let found = sqlx::query_scalar(sqlx::AssertSqlSafe(whole));
                    let found: Vec<String> = found.fetch_all(&sql).await.unwrap();
                    rows.extend(found);
                }
            }
        }
        rows
    }

    /// The texts that the store answers with, on either database.
    pub async fn texts(&self, query: &'static str) -> Vec<String> {
        match &self.store {
            None => {
                let sql = self.sql().await;
                sqlx::query_scalar(query).fetch_all(&sql).await.unwrap()
            }
            Some(url) => {
                let sql = sqlx::PgPool::connect(url).await.unwrap();
                sqlx::query_scalar(query).fetch_all(&sql).await.unwrap()
            }
        }
    }

    /// Which clinic it is.
    pub async fn clinic(&self) -> ClinicId {
        const QUERY: &str = "SELECT id FROM clinic";
        let id: Vec<u8> = match &self.store {
            None => {
                let sql = self.sql().await;
                sqlx::query_scalar(QUERY).fetch_one(&sql).await.unwrap()
            }
            Some(url) => {
                let sql = sqlx::PgPool::connect(url).await.unwrap();
                sqlx::query_scalar(QUERY).fetch_one(&sql).await.unwrap()
            }
        };
        ClinicId::from_bytes(id.try_into().unwrap())
    }
}

fn columns(row: &sqlx::sqlite::SqliteRow) -> String {
    let column = |index| {
        row.try_get::<Option<i64>, _>(index)
            .map(|value| format!("{value:?}"))
            .or_else(|_| row.try_get::<String, _>(index))
            .or_else(|_| {
                row.try_get::<Vec<u8>, _>(index)
                    .map(|it| format!("{it:02x?}"))
            })
            .unwrap()
    };
    (0..row.len()).map(column).collect::<Vec<_>>().join(" | ")
}

fn fragment(link: &str) -> String {
    let (_, fragment) = link.split_once('=').unwrap();
    fragment.to_owned()
}

/// The names in a waiting room, in order.
pub fn names(snapshot: &PractitionerSnapshot) -> Vec<&str> {
    let names = snapshot.waiting.iter().map(|entry| entry.name.expose());
    names.map(String::as_str).collect()
}
