//! OpenID providers: a real one in a process of its own, and one that lies as a test wants it to.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use url::Url;
use vestibule_protocol::http::SignInStart;
use vestibule_protocol::{Base64Bytes, ErrorCode, SIGN_IN_NONCE};
use vestibule_signaling::SignInSettings;
use vestibule_vocab::Redacted;

use super::web::{self, exchange};
use super::{Device, House};

/// The address that people see in these tests. Nothing is there: the tests come back to the server themselves.
pub const SITE: &str = "https://clinic.example";

/// What the server is called at each provider.
pub const CLIENT: &str = "vestibule";

/// What a server at this provider is set up with.
pub fn sign_in(issuer: &str, secret: Option<&str>) -> SignInSettings {
    let words = ["basic=low", "card=substantial"];
    SignInSettings {
        issuer: issuer.parse().unwrap(),
        client: CLIENT.to_owned(),
        secret: secret.map(|it| Redacted::new(it.to_owned())),
        key: None,
        roots: None,
        levels: words.iter().map(|it| it.parse().unwrap()).collect(),
        second_factor: vec!["two-factor".to_owned(), "hwk".to_owned()],
    }
}

/// The npm package `oidc-provider`.
pub struct Provider {
    pub issuer: String,
    // Ends with its standard input, which is this process's.
    _process: Child,
}

impl Provider {
    pub async fn start(secret: Option<&str>) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/e2e");
        let installed = folder.join("../node_modules/oidc-provider");
        assert!(
            installed.exists(),
            "oidc-provider is not installed; run `npm ci` in web/"
        );
        let mut process = Command::new("node")
            .arg("bin/openid-provider.mjs")
            .args([
                CLIENT,
                secret.unwrap_or_default(),
                &format!("{SITE}/sign-in"),
            ])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let issuer = lines.next_line().await.unwrap().expect("it says its name");
        Self {
            issuer,
            _process: process,
        }
    }

    /// What it calls somebody here.
    pub async fn subject(&self, account: &str) -> String {
        let url = format!("{}/subject?account={account}", self.issuer);
        Browser::default().get(&url.parse().unwrap()).await.1
    }

    /// Signs somebody in, as `account=ada&acr=card` says; the address that their browser is sent to.
    pub async fn confirm(&self, url: &Url, how: &str) -> Url {
        let mut browser = Browser::default();
        let mut asked = browser.follow(url).await;
        asked.set_query(Some(how));
        let resumed = browser.follow(&asked).await;
        browser.follow(&resumed).await
    }
}

/// As much of a browser as that takes.
#[derive(Default)]
struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    async fn follow(&mut self, url: &Url) -> Url {
        let (location, body) = self.get(url).await;
        let location = location.unwrap_or_else(|| panic!("{url} leads nowhere: {body}"));
        url.join(&location).unwrap()
    }

    /// Where it is sent to, and what it reads.
    async fn get(&mut self, url: &Url) -> (Option<String>, String) {
        let host = url.authority();
        let pairs = self.cookies.iter();
        let cookies: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = cookies.join("; ");
        let path = &url[url::Position::BeforePath..];
        let request = format!(
            "GET {path} HTTP/1.0\r\nHost: {host}\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
        );
        let answer = exchange(TcpStream::connect(host).await.unwrap(), &request).await;
        for line in answer.head.lines() {
            let Some((name, value)) = line.split_once(": ") else {
                continue;
            };
            if name.eq_ignore_ascii_case("set-cookie") {
                let pair = value.split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        (answer.header("location").map(str::to_owned), answer.body)
    }
}

/// Begins to sign in with the session that a device has.
pub async fn begin_with_session(device: &Device, by: &Device) -> Result<Url, ErrorCode> {
    let proof = Base64Bytes(by.prove(SIGN_IN_NONCE.as_bytes(), &device.secret));
    let session = json!({ "session": device.secret, "proof": proof });
    let body = json!({ "device_key": by.public_key(), "session": session });
    let start: SignInStart = by.post("sign-ins", &body).await.read()?;
    Ok(start.url.expose().parse().unwrap())
}

/// Begins to sign in: as a patient with a walk-in link's code, as a practitioner without one.
pub async fn begin(device: &Device, link: Option<&str>) -> Result<Url, ErrorCode> {
    let mut body = json!({ "device_key": device.public_key() });
    if let Some(link) = link {
        body["link"] = link.into();
    }
    let start: SignInStart = device.post("sign-ins", &body).await.read()?;
    Ok(start.url.expose().parse().unwrap())
}

/// What stands in the address of a redirection.
pub fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("{url}")).1.into_owned()
}

/// Comes back from the provider; the page that one is led to and what stands behind its `#`.
pub async fn come_back(house: &House, url: &Url) -> (String, String) {
    let path = &url[url::Position::BeforePath..];
    let answer = web::get(house.address(), path).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let (page, fragment) = answer.header("location").unwrap().split_once('#').unwrap();
    (page.to_owned(), fragment.to_owned())
}

/// The join token that somebody is given who comes back.
pub async fn token(house: &House, url: &Url) -> String {
    let (_, fragment) = come_back(house, url).await;
    let token = fragment.strip_prefix("j=");
    token.unwrap_or_else(|| panic!("{fragment}")).to_owned()
}

/// Why somebody is given none.
pub async fn refusal(house: &House, url: &Url) -> String {
    let (_, fragment) = come_back(house, url).await;
    let code = fragment.strip_prefix("e=");
    code.unwrap_or_else(|| panic!("signed in")).to_owned()
}

/// What a [`Liar`] says.
pub struct Said {
    /// Parts of its metadata that are otherwise.
    pub metadata: Value,
    /// The ID token that it gives for any code.
    pub token: String,
    /// The keys that it publishes.
    pub keys: Vec<Value>,
    /// The form that was last posted to it.
    pub form: String,
}

/// A provider that says whatever it is told to.
#[derive(Clone)]
pub struct Liar {
    pub issuer: String,
    pub said: Arc<Mutex<Said>>,
    /// How often its keys were asked for.
    pub asked: Arc<AtomicU32>,
}

/// What tokens are signed with.
pub struct Signer {
    pub kid: &'static str,
    key: EncodingKey,
    pub public: Vec<u8>,
}

impl Signer {
    pub fn new(kid: &'static str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let pkcs8 = pair.to_pkcs8().unwrap();
        Self {
            kid,
            key: EncodingKey::from_ed_der(pkcs8.as_ref()),
            public: pair.public_key().as_ref().to_vec(),
        }
    }

    pub fn published(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(&self.public);
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": x })
    }

    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.to_owned());
        encode(&header, claims, &self.key).unwrap()
    }
}

impl Liar {
    pub async fn start(signer: &Signer) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let liar = Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            said: Arc::new(Mutex::new(Said {
                metadata: json!({}),
                token: String::new(),
                keys: vec![signer.published()],
                form: String::new(),
            })),
            asked: Arc::default(),
        };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/token", post(give_token))
            .with_state(liar.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        liar
    }

    pub fn says(&self, token: String) {
        self.said.lock().unwrap().token = token;
    }
}

async fn metadata(State(liar): State<Liar>) -> Json<Value> {
    let issuer = &liar.issuer;
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "authorization_response_iss_parameter_supported": true,
    });
    let said = liar.said.lock().unwrap();
    for (name, value) in said.metadata.as_object().unwrap() {
        metadata[name] = value.clone();
    }
    Json(metadata)
}

async fn keys(State(liar): State<Liar>) -> Json<Value> {
    liar.asked.fetch_add(1, Ordering::Relaxed);
    // A key of a kind that nobody here knows stands beside the others.
    let mut keys = vec![json!({ "kty": "new", "kid": "new" })];
    keys.extend(liar.said.lock().unwrap().keys.iter().cloned());
    Json(json!({ "keys": keys }))
}

async fn give_token(State(liar): State<Liar>, form: String) -> Json<Value> {
    let mut said = liar.said.lock().unwrap();
    said.form = form;
    Json(json!({ "access_token": "-", "token_type": "Bearer", "id_token": said.token }))
}
