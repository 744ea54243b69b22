//! Futures in a box. The code of a future without one is made anew by everybody who waits for it, in every program
//! and in many parts of one; for what waits for databases, or is a whole server, that costs the compiler minutes.

use std::future::Future;
use std::pin::Pin;

/// A future whose code is made where it is boxed.
pub type Boxed<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;
