//! What a response can have been made with: the right password, and the mistakes that are known.

/// What a response can have been made with, as `credentials.response.made-with` says it.
pub const MADE_WITH: &[(&str, &str)] = &[
    (
        "res",
        "RES, raw octets: right for AKAv1 (RFC 3310 3.3) and 2G GBA (TS 33.220 Annex I)",
    ),
    (
        "akav2",
        "base64 of HMAC under RES || IK || CK: right for AKAv2 (RFC 4169 2.1)",
    ),
    ("ks-naf", "base64 of Ks_NAF: right on Ua (TS 24.109 5.2.2)"),
    (
        "empty-password",
        "no password: right in a request with AUTS (RFC 3310 3.4)",
    ),
    ("res-as-hex", "RES as hex text"),
    ("res-as-base64", "RES as base64 text"),
    (
        "res-padded",
        "RES with zeros up to 16 octets, or one more than it has",
    ),
    (
        "res-4",
        "the first 4 octets of RES, or all but the last one",
    ),
    ("akav2-raw", "the HMAC of AKAv2, raw octets"),
    ("akav2-as-hex", "the HMAC of AKAv2 as hex text"),
    ("akav2-ck-ik", "the HMAC under RES || CK || IK"),
    ("akav2-swapped", "the HMAC with key and data swapped"),
    (
        "gba-digest",
        "passwd of GBA_Digest in the form of the profile: right (TS 33.220 B.5)",
    ),
    (
        "gba-digest-as-base64",
        "the same as base64 text; no text at hand rules it out (U-11)",
    ),
    (
        "gba-digest-as-octets",
        "the same as octets; no text at hand rules it out (U-11)",
    ),
    (
        "gba-digest-as-hex",
        "the same as hex text; no text at hand rules it out (U-11)",
    ),
    (
        "gba-digest-of-other-hashes",
        "passwd from the other form of H(A1) than the profile's (U-11)",
    ),
    (
        "gba-digest-label-with-blank",
        "passwd from a label with a blank before it (ERR-30)",
    ),
    (
        "plain-password",
        "the password itself, not bound to the TLS session",
    ),
    ("res-2g-kc-once", "RES of 2G GBA from Kc || RAND"),
    ("res-2g-rand-first", "RES of 2G GBA from RAND || Kc || Kc"),
    (
        "res-2g-sres-first",
        "RES of 2G GBA with SRES before the label",
    ),
    (
        "res-2g-last-half",
        "the last 16 octets of the derivation of 2G GBA",
    ),
    (
        "res-2g-untruncated",
        "all 32 octets of the derivation of 2G GBA",
    ),
    ("sres", "SRES itself"),
    ("ks-naf-raw", "Ks_NAF, raw octets"),
    ("ks-naf-as-hex", "Ks_NAF as hex text"),
    (
        "ks-naf-as-base64url",
        "Ks_NAF in the other alphabet of base64",
    ),
    (
        "ks-naf-over-no-body",
        "base64 of Ks_NAF, in a digest over an empty body instead of that of the request",
    ),
    ("ks", "Ks itself"),
    ("ks-naf-ik-ck", "a key from Ks = IK || CK (TS 33.220 4.5.2)"),
    ("ks-naf-gba-u", "a key with the label gba-u (TS 33.220 B.3)"),
    (
        "ks-naf-label-with-zero",
        "a key with a zero after the label",
    ),
    ("ks-naf-fc-00", "a key with FC 00"),
    (
        "ks-naf-little-endian",
        "a key whose lengths have the least significant octet first (TS 33.220 B.2)",
    ),
    (
        "ks-naf-length-first",
        "a key with each length before its value",
    ),
    ("ks-naf-no-lengths", "a key without lengths"),
    ("ks-naf-rand-as-base64", "a key with RAND as base64 text"),
    (
        "ks-naf-with-btid",
        "a key with the B-TID in place of the IMPI",
    ),
    (
        "ks-naf-with-tmpi",
        "a key with the TMPI in place of the IMPI",
    ),
    (
        "ks-naf-without-ua-id",
        "a key whose NAF_Id has no identifier of the Ua protocol (TS 33.220 H.1)",
    ),
    (
        "ks-naf-id-text",
        "a key whose NAF_Id has that identifier as hex text",
    ),
    ("ks-naf-other-ua-id", "a key for another Ua protocol"),
    (
        "ks-naf-suite-little-endian",
        "a key for the cipher suite with its octets swapped",
    ),
    (
        "ks-naf-other-suite",
        "a key for another cipher suite than the one of the connection",
    ),
    ("ks-naf-port", "a key whose NAF_Id has the port"),
    ("ks-naf-upper-case", "a key with the NAF's name in capitals"),
    (
        "ks-naf-of-other-naf",
        "the key of another NAF of the profile",
    ),
    ("ks-naf-of-other-run", "the key of another run of this play"),
    ("unknown", "none of these"),
];
