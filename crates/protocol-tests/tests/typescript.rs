//! The TypeScript types are made from the Rust types, committed, and never stale.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use std::fmt::Write as _;

use ts_rs::{Config, TS, TypeVisitor};
use vestibule_protocol::client::ClientMessage;
use vestibule_protocol::http::{
    HttpError, SessionGrant, SessionRequest, SignInOffer, SignInRequest, SignInStart, WalkInGrant,
    WalkInRequest,
};
use vestibule_protocol::server::ServerMessage;
use vestibule_protocol::{PROOF_LABEL, PROTOCOL_VERSION, SIGN_IN_NONCE, limits};

#[allow(
    dead_code,
    reason = "each test binary uses a part of the support module"
)]
mod support;

/// Collects the declaration of a type and of all that it names.
struct Collect<'a> {
    config: &'a Config,
    declarations: BTreeMap<String, String>,
}

impl TypeVisitor for Collect<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_some() {
            let declaration = T::decl(self.config);
            let docs = T::docs().unwrap_or_default();
            let known = self
                .declarations
                .insert(T::ident(self.config), format!("{docs}export {declaration}"));
            if known.is_some() {
                return;
            }
        }
        T::visit_dependencies(self);
    }
}

fn typescript() -> String {
    let config = Config::default();
    let mut collect = Collect {
        config: &config,
        declarations: BTreeMap::new(),
    };
    collect.visit::<ClientMessage>();
    collect.visit::<ServerMessage>();
    collect.visit::<HttpError>();
    collect.visit::<WalkInRequest>();
    collect.visit::<WalkInGrant>();
    collect.visit::<SessionRequest>();
    collect.visit::<SessionGrant>();
    collect.visit::<SignInRequest>();
    collect.visit::<SignInStart>();
    collect.visit::<SignInOffer>();

    let mut out = String::from("// Made from crates/protocol by its tests; do not edit.\n\n");
    writeln!(out, "export const PROTOCOL_VERSION = {PROTOCOL_VERSION};").unwrap();
    writeln!(out, "export const PROOF_LABEL = '{PROOF_LABEL}';").unwrap();
    writeln!(out, "export const SIGN_IN_NONCE = '{SIGN_IN_NONCE}';").unwrap();
    writeln!(out, "export const LIMITS = {{").unwrap();
    for (name, value) in limits::ALL {
        writeln!(out, "  {name}: {value},").unwrap();
    }
    writeln!(out, "}} as const;\n").unwrap();
    // What is redacted in logs is plain text on the wire.
    collect.declarations.remove("Redacted");
    for declaration in collect.declarations.values() {
        let declaration = declaration.replace("Redacted<string>", "string");
        writeln!(out, "{declaration}\n").unwrap();
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

#[test]
fn the_typescript_types_are_current() {
    support::assert_current("web/sdk/src/generated/protocol.ts", &typescript());
}
