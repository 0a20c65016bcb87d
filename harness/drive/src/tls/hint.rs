//! The one function of OpenSSL that this project calls by itself: the crate `openssl` does not wrap
//! it, and without it a server gives no identity hint (RFC 4279 2).

use std::ffi::{CStr, c_char, c_int, c_void};

use openssl::error::ErrorStack;
use openssl::ssl::SslContextBuilder;

#[expect(
    unsafe_code,
    reason = "a declaration of OpenSSL, as its manual has it: int SSL_CTX_use_psk_identity_hint(SSL_CTX *ctx, const char *hint)"
)]
unsafe extern "C" {
    fn SSL_CTX_use_psk_identity_hint(context: *mut c_void, hint: *const c_char) -> c_int;
}

/// Makes a server give this hint in its `ServerKeyExchange`.
pub(super) fn use_psk_identity_hint(
    builder: &mut SslContextBuilder,
    hint: &CStr,
) -> Result<(), ErrorStack> {
    #[expect(
        unsafe_code,
        reason = "the context lives as long as its builder, which is borrowed for the whole call, and OpenSSL copies the text, which ends with a zero octet"
    )]
    let done = unsafe { SSL_CTX_use_psk_identity_hint(builder.as_ptr().cast(), hint.as_ptr()) };
    if done == 1 {
        Ok(())
    } else {
        Err(ErrorStack::get())
    }
}
