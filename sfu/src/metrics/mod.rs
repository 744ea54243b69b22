//! What the workers count, told to who watches the machine: Prometheus' text format over HTTP. There are numbers for
//! each worker and for nobody in particular.

mod server;
mod text;

pub(crate) use server::serve;
