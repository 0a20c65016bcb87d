//! The loader against vectors that are broken and vectors that are short, and the judge against
//! evidence that never was.

mod broken;
mod families;
mod properties;
mod totality;
