//! The link that somebody was given: where the server is, and what stands behind the `#`.

use vestibule_vocab::Redacted;

use crate::Error;

/// A link of a clinic. It is a credential: `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct Link {
    /// `host:port`.
    pub(crate) authority: String,
    pub(crate) key: Key,
}

/// What a link carries.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    /// May be used again and again.
    WalkIn(Redacted<String>),
    /// Good for one session.
    Invitation(Redacted<String>),
}

impl Link {
    /// Reads a link as it stands in a browser's address bar.
    ///
    /// # Errors
    /// When it carries neither code nor token, or begins with https.
    pub fn parse(link: &str) -> Result<Self, Error> {
        if link.starts_with("https:") {
            return Err(Error::Https);
        }
        let rest = link.strip_prefix("http://").ok_or(Error::Link)?;
        let (address, fragment) = rest.split_once('#').ok_or(Error::Link)?;
        let authority = address.split('/').next().unwrap_or_default();
        let key = match fragment.split_once('=') {
            Some(("w", code)) if !code.is_empty() => Key::WalkIn(Redacted::new(code.to_owned())),
            Some(("j", token)) if !token.is_empty() => {
                Key::Invitation(Redacted::new(token.to_owned()))
            }
            Some(_) | None => return Err(Error::Link),
        };
        if authority.is_empty() {
            return Err(Error::Link);
        }
        let authority = if authority.contains(':') {
            authority.to_owned()
        } else {
            format!("{authority}:80")
        };
        Ok(Self { authority, key })
    }

    /// What a browser would send as `Origin`.
    pub(crate) fn origin(authority: &str) -> String {
        format!("http://{}", authority.strip_suffix(":80").unwrap_or(authority))
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Link};
    use crate::Error;

    #[test]
    fn both_kinds_of_link_are_read() {
        let walk_in = Link::parse("http://127.0.0.1:8080/visit#w=abc").unwrap();
        assert_eq!(walk_in.authority, "127.0.0.1:8080");
        assert!(matches!(walk_in.key, Key::WalkIn(code) if code.expose() == "abc"));
        let invitation = Link::parse("http://clinic.example/console#j=a.b.c").unwrap();
        assert_eq!(invitation.authority, "clinic.example:80");
        assert_eq!(Link::origin("clinic.example:80"), "http://clinic.example");
        assert!(matches!(invitation.key, Key::Invitation(_)));
    }

    #[test]
    fn others_are_not() {
        for wrong in ["http://a/visit", "http://a/#x=1", "http://a/#w=", "ftp://a/#w=1", "http:///#w=1"] {
            assert!(matches!(Link::parse(wrong), Err(Error::Link)), "{wrong}");
        }
        assert!(matches!(Link::parse("https://a/#w=1"), Err(Error::Https)));
    }

    #[test]
    fn a_link_does_not_print_its_secret() {
        let link = Link::parse("http://a/#w=secret").unwrap();
        assert!(!format!("{link:?}").contains("secret"));
    }
}
