//! The loader against vectors that are broken, and the judge against evidence that never was.

mod broken;
mod totality;
