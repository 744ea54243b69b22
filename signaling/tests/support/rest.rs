//! Another system, with a key.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tokio::net::TcpStream;
use vestibule_signaling::{ApiKeys, Scope, Scopes};

use super::House;
use super::web::{Answer, exchange};

/// Another system.
pub struct Rest {
    pub server: SocketAddr,
    pub secret: String,
    /// The key's id.
    pub id: String,
    asked: AtomicU32,
}

/// The keys of a house.
pub async fn keys(house: &House) -> ApiKeys {
    let url = house.store.as_ref().map(|url| url.parse().unwrap());
    let data = house.data.path().join("data");
    ApiKeys::open(&data, url.as_ref()).await.unwrap()
}

impl Rest {
    /// A system that may do everything, in the name `payment-desk`.
    pub async fn of(house: &House) -> Self {
        Self::with(house, Scope::ALL).await
    }

    /// A system that may do this.
    pub async fn with(house: &House, scopes: &[Scope]) -> Self {
        Self::named(house, Some("payment-desk"), scopes).await
    }

    /// A system of this name.
    pub async fn named(house: &House, system: Option<&str>, scopes: &[Scope]) -> Self {
        let scopes = Scopes::of(scopes.iter().copied());
        let made = keys(house).await.add("A test", system, &scopes).await;
        let made = made.unwrap();
        Self {
            server: house.address(),
            secret: made.secret.into_exposed(),
            id: made.id,
            asked: AtomicU32::new(0),
        }
    }

    /// The same system after the server moved.
    pub fn moved(mut self, house: &House) -> Self {
        self.server = house.address();
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None, None).await
    }

    /// A POST under a name of its own.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        self.post_as(&format!("{}-{number}", self.id), path, body)
            .await
    }

    /// A POST under this name.
    pub async fn post_as(&self, name: &str, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, Some(name), Some(&body.to_string()))
            .await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.ask("PUT", path, None, Some(&body.to_string())).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, None, None).await
    }

    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        name: Option<&str>,
        body: Option<&str>,
    ) -> Answer {
        let mut headers = format!("Authorization: Bearer {}\r\n", self.secret);
        if let Some(name) = name {
            headers += &format!("Idempotency-Key: {name}\r\n");
        }
        if body.is_some() {
            headers += "Content-Type: application/json\r\n";
        }
        raw(self.server, method, path, &headers, body.unwrap_or("")).await
    }
}

/// A request with these headers, each ended by a line break.
pub async fn raw(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Answer {
    let length = body.len();
    let request = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nHost: {server}\r\n{headers}\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    exchange(TcpStream::connect(server).await.unwrap(), &request).await
}

impl Answer {
    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The body of what was done.
    pub fn good(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.json()
    }

    /// Status and code of a problem, which is a whole one.
    pub fn problem(&self) -> (u16, String) {
        let kind = self.header("content-type");
        assert_eq!(kind, Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self:?}");
        let code = problem["code"].as_str().unwrap().to_owned();
        assert_eq!(problem["type"], format!("/api/v1/docs#{code}"));
        let [title, detail] = ["title", "detail"].map(|it| problem[it].as_str().unwrap());
        assert!(!title.is_empty() && detail.len() > title.len(), "{self:?}");
        (self.status, code)
    }
}
