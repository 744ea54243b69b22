//! What an ID token says, if it may be believed (OpenID Connect Core, section 3.1.3.7). Nothing here asks anybody.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde::Deserialize;
use vestibule_clinic::IdentityLevel;
use vestibule_vocab::{Redacted, Timestamp};

use super::settings::SignInSettings;
use super::{Denied, Why};
use crate::limits;

/// Algorithms that a provider signs with. None of them takes a secret for a key: what a client knows signs nothing
/// (RFC 8725, sections 2.1 and 3.1).
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Who signed in, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedIn {
    /// What the provider calls them.
    pub(crate) subject: Redacted<String>,
    /// How surely it is known.
    pub(crate) level: IdentityLevel,
    /// There was a second factor.
    pub(crate) second_factor: bool,
}

/// The claims that are looked at.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    /// Whole seconds, which some write with a fraction.
    exp: f64,
    iat: f64,
    nonce: Option<String>,
    acr: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The header of a token that was signed in a way that is taken.
pub(super) fn header(token: &Redacted<String>) -> Result<Header, Denied> {
    let header = decode_header(token.expose()).map_err(|_| Why::NotSigned)?;
    if ALGORITHMS.contains(&header.alg) {
        Ok(header)
    } else {
        Err(Why::NotSigned.into())
    }
}

/// Whether a token with this header may be signed by this key.
pub(super) fn fits(key: &Jwk, header: &Header) -> bool {
    let named = header.kid.is_none() || header.kid == key.common.key_id;
    let signs = matches!(
        key.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let algorithm = key.common.key_algorithm;
    let alike = algorithm.is_none_or(|it| it == header.alg.into());
    named && signs && alike
}

/// Believes a token, or says why not.
pub(super) fn judge(
    token: &Redacted<String>,
    keys: &[Jwk],
    settings: &SignInSettings,
    nonce: &str,
    now: Timestamp,
) -> Result<SignedIn, Denied> {
    let header = header(token)?;
    let mut fitting = keys.iter().filter(|key| fits(key, &header));
    let claims = fitting.find_map(|key| read(token.expose(), key, &header));
    let claims = claims.ok_or(Why::NotSigned)?;
    if claims.iss != settings.issuer.as_str() {
        return Err(Why::WrongIssuer.into());
    }
    if !is_for(&claims, &settings.client) {
        return Err(Why::WrongAudience.into());
    }
    let named = claims.nonce.as_deref().unwrap_or_default();
    verify_slices_are_equal(named.as_bytes(), nonce.as_bytes()).map_err(|_| Why::WrongNonce)?;
    if !is_of_now(&claims, now) {
        return Err(Why::WrongTime.into());
    }
    let subject = claims.sub;
    if subject.is_empty() || subject.chars().count() > limits::SUBJECT {
        return Err(Why::BadSubject.into());
    }
    let acr = claims.acr.as_deref();
    Ok(SignedIn {
        level: settings.level(acr),
        second_factor: settings.has_second_factor(acr, &claims.amr),
        subject: Redacted::new(subject),
    })
}

/// The claims, if this key signed them. They are judged above, by our clock.
fn read(token: &str, key: &Jwk, header: &Header) -> Option<Claims> {
    let key = DecodingKey::from_jwk(key).ok()?;
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    Some(decode::<Claims>(token, &key, &validation).ok()?.claims)
}

/// It is for this client; of several, it was issued to this one.
fn is_for(claims: &Claims, client: &str) -> bool {
    let (named, several) = match &claims.aud {
        Audience::One(one) => (one == client, false),
        Audience::Several(all) => (all.iter().any(|it| it == client), all.len() > 1),
    };
    let issued = claims.azp.as_deref();
    named && (issued == Some(client) || issued.is_none() && !several)
}

/// It is not over, and was issued for this sign-in and not before.
fn is_of_now(claims: &Claims, now: Timestamp) -> bool {
    let seconds = |moment: u64| std::time::Duration::from_millis(moment).as_secs_f64();
    let (now, apart) = (seconds(now.0), seconds(limits::PROVIDER_CLOCK.0));
    let since = now - claims.iat;
    now - apart < claims.exp && (-apart..=seconds(limits::SIGN_IN.0) + apart).contains(&since)
}
