//! Whole conversations in memory. Expectations are literal bytes and the published or computed
//! values of the test sets, never what the code under test says.

mod bsf;
mod diameter;
mod golden;
mod hss;
mod inside_tls;
mod limits;
mod naf_zn;
mod probe;
mod proxy;
mod psk;
mod robust;
mod sbi;
mod ua;
mod ue;
mod variants;
mod void;
mod world;
mod zh;
mod zn;
