//! Which identity provider people sign in at, and what its words count for here.

use std::path::PathBuf;
use std::str::FromStr;

use url::{Host, Url};
use vestibule_clinic::IdentityLevel;
use vestibule_vocab::Redacted;

use super::client_key::ClientKey;

/// What signing in is set up with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInSettings {
    /// The provider.
    pub issuer: Issuer,
    /// What we are called there.
    pub client: String,
    /// What we prove it with; without one, PKCE alone stands for us.
    pub secret: Option<Redacted<String>>,
    /// What we prove it with instead of a secret.
    pub key: Option<ClientKey>,
    /// A file with certificate authorities (PEM) that are trusted beside those that browsers trust.
    pub roots: Option<PathBuf>,
    /// What the provider's words for how somebody signed in count for.
    pub levels: Vec<LevelOf>,
    /// The words, in `acr` or `amr`, that say that there was a second factor. Without any, no practitioner signs in.
    pub second_factor: Vec<String>,
}

/// A provider, by its name on the web, to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

/// A text that is no provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an identity provider has the form https://HOST/PATH as its own metadata has it, without anything behind the path; \
     http is for this machine's loopback only"
)]
pub struct BadIssuer;

impl FromStr for Issuer {
    type Err = BadIssuer;

    fn from_str(text: &str) -> Result<Self, BadIssuer> {
        let url = Url::parse(text).map_err(|_| BadIssuer)?;
        if is_safe(&url, true) && url.query().is_none() && url.fragment().is_none() {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadIssuer)
        }
    }
}

impl Issuer {
    /// To the letter.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its metadata are (OpenID Connect Discovery, section 4).
    pub(super) fn metadata(&self) -> String {
        let base = self.0.trim_end_matches('/');
        format!("{base}/.well-known/openid-configuration")
    }

    /// It is on this machine, and reached without encryption.
    pub(super) fn is_plain(&self) -> bool {
        self.0.starts_with("http:")
    }
}

/// What is sent there cannot be read on the way: it is encrypted or, where that is allowed, stays on this machine.
pub(super) fn is_safe(url: &Url, loopback: bool) -> bool {
    let alone = url.username().is_empty() && url.password().is_none();
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return false,
    };
    alone && (url.scheme() == "https" || url.scheme() == "http" && here && loopback)
}

/// What one value of `acr` counts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelOf {
    /// The provider's word.
    pub acr: String,
    /// Ours.
    pub level: IdentityLevel,
}

/// A text that says nothing of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a level has the form ACR=low, ACR=substantial or ACR=high, with a value of the provider's acr"
)]
pub struct BadLevel;

impl FromStr for LevelOf {
    type Err = BadLevel;

    fn from_str(text: &str) -> Result<Self, BadLevel> {
        let (acr, level) = text.rsplit_once('=').ok_or(BadLevel)?;
        let level = match level {
            "low" => IdentityLevel::Low,
            "substantial" => IdentityLevel::Substantial,
            "high" => IdentityLevel::High,
            _ => return Err(BadLevel),
        };
        // Several are asked for with a space between.
        if acr.is_empty() || acr.contains(char::is_whitespace) {
            return Err(BadLevel);
        }
        Ok(Self {
            acr: acr.to_owned(),
            level,
        })
    }
}

impl SignInSettings {
    /// How surely it is known who signed in so. Whoever signed in in a way that nobody vouches for is the holder of a link.
    pub(super) fn level(&self, acr: Option<&str>) -> IdentityLevel {
        let known = self.levels.iter().find(|it| Some(it.acr.as_str()) == acr);
        known.map_or(IdentityLevel::Link, |it| it.level)
    }

    /// The provider says that there was a second factor.
    pub(super) fn has_second_factor(&self, acr: Option<&str>, amr: &[String]) -> bool {
        let said = |word: &String| acr == Some(word.as_str()) || amr.contains(word);
        self.second_factor.iter().any(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_reached_by_https_or_on_this_machine() {
        for good in [
            "https://id.example",
            "https://id.example/realms/clinic",
            "http://127.0.0.1:3000",
            "http://localhost:3000/",
            "http://[::1]:3000",
        ] {
            assert_eq!(good.parse::<Issuer>().unwrap().as_str(), good);
        }
        for wrong in [
            "",
            "id.example",
            "http://id.example",
            "http://10.0.0.1",
            "http://localhost.example",
            "ftp://id.example",
            "https://ada@id.example",
            "https://id.example?realm=1",
            "https://id.example#1",
        ] {
            assert_eq!(wrong.parse::<Issuer>(), Err(BadIssuer), "{wrong}");
        }
    }

    #[test]
    fn its_metadata_stand_below_its_path() {
        for (issuer, path) in [
            (
                "https://id.example",
                "https://id.example/.well-known/openid-configuration",
            ),
            (
                "https://id.example/",
                "https://id.example/.well-known/openid-configuration",
            ),
            (
                "https://id.example/a",
                "https://id.example/a/.well-known/openid-configuration",
            ),
        ] {
            assert_eq!(issuer.parse::<Issuer>().unwrap().metadata(), path);
        }
    }

    #[test]
    fn a_level_is_read() {
        let read: LevelOf = "http://itsme.example/acr=2=high".parse().unwrap();
        assert_eq!(
            (read.acr.as_str(), read.level),
            ("http://itsme.example/acr=2", IdentityLevel::High)
        );
        for wrong in ["", "high", "=high", "a=", "a=code", "a b=low"] {
            assert_eq!(wrong.parse::<LevelOf>(), Err(BadLevel), "{wrong}");
        }
    }
}
