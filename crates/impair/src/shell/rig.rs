//! All that a line needs of the system.

use super::claim::Claim;
use super::namespace::{Namespace, remove_leftovers};
use super::tunnel::Tunnel;

/// A namespace behind two devices. It goes when this is dropped; the devices go with the relay that has them.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) namespace: Namespace,
    // After the namespace: who has the claim may make it anew.
    pub(crate) claim: Claim,
}

/// The ends of a line.
pub(crate) struct Ends {
    pub(crate) near: Tunnel,
    pub(crate) far: Tunnel,
}

impl Rig {
    /// Makes everything, and removes before what killed lines have left.
    pub(crate) fn set_up(far_namespace: Option<&str>) -> anyhow::Result<(Self, Ends)> {
        remove_leftovers()?;
        let claim = Claim::first()?;
        let number = claim.number;
        let namespace = Namespace::make(number.namespace())?;
        let far = Tunnel::far(number, far_namespace)?;
        let near = Tunnel::near(number, namespace.name())?;
        Ok((Self { namespace, claim }, Ends { near, far }))
    }
}
