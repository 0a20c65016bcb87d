//! The facts about messages between elements of the network.

use super::FactInfo;

/// All of them but the AVPs.
pub const NETWORK_FACTS: &[FactInfo] = &[
    FactInfo {
        name: "protocol",
        doc: "`http`, `diameter` or `http/2`",
        read: |view| view.protocol(),
    },
    FactInfo {
        name: "command",
        doc: "of a message of Diameter: MAR, MAA, BIR, BIA and so on, or the code of another command",
        read: |view| view.command(),
    },
    FactInfo {
        name: "application",
        doc: "application of a message of Diameter: 16777221 is Zh, 16777220 Zn",
        read: |view| view.application(),
    },
    FactInfo {
        name: "flags",
        doc: "list of the flags of a message of Diameter: R, P, E, T",
        read: |view| view.diameter_flags(),
    },
    FactInfo {
        name: "result",
        doc: "Result-Code or Experimental-Result-Code; 5xx stands for 500 to 599, so write it out",
        read: |view| view.diameter_result(),
    },
    FactInfo {
        name: "result.form",
        doc: "`base` for Result-Code, `experimental` for Experimental-Result of 3GPP, or `both`",
        read: |view| view.diameter_result_form(),
    },
    FactInfo {
        name: "outcome",
        doc: "`done` for an answer of the class 2xxx of Diameter or 2xx of HTTP, else `refused`",
        read: |view| view.answer_outcome(),
    },
    FactInfo {
        name: "avps",
        doc: "list of the AVPs of a message of Diameter, not those inside of groups",
        read: |view| view.avps(),
    },
    FactInfo {
        name: "avps.first",
        doc: "the first of them",
        read: |view| view.first_avp(),
    },
    FactInfo {
        name: "failed-avps",
        doc: "list of what stands in the Failed-AVP of an answer",
        read: |view| view.failed_avps(),
    },
    FactInfo {
        name: "end-to-end",
        doc: "`same` if an answer of Diameter has the end-to-end identifier of its request, else `other`; what has another hop-by-hop identifier counts as no answer",
        read: |view| view.end_to_end(),
    },
    FactInfo {
        name: "peer.applications",
        doc: "list of the applications that the sender named when the connection began; `10415:16777221` is one of a vendor",
        read: |view| view.peer_applications(),
    },
    FactInfo {
        name: "peer.vendors",
        doc: "list of the vendors that it supports",
        read: |view| view.peer_vendors(),
    },
    FactInfo {
        name: "peer.result",
        doc: "result of the exchange of capabilities, if the sender answered it",
        read: |view| view.peer_result(),
    },
    FactInfo {
        name: "peer.host",
        doc: "Origin-Host of that exchange",
        read: |view| view.peer_host(),
    },
    FactInfo {
        name: "zh.impi",
        doc: "private identity that a request for a vector is about",
        read: |view| view.zh_impi(),
    },
    FactInfo {
        name: "zh.user",
        doc: "`known` if that is one of the profile, else `unknown`",
        read: |view| view.zh_user(),
    },
    FactInfo {
        name: "zh.resync",
        doc: "what such a request carries for a resynchronisation: `rand-auts` for 30 octets, `auts-alone`, `base64`, `hex`, `auts-alone-base64`, `other`",
        read: |view| view.zh_resync(),
    },
    FactInfo {
        name: "zh.resync.octets",
        doc: "its length",
        read: |view| view.zh_resync_octets(),
    },
    FactInfo {
        name: "zh.resync.rand",
        doc: "RAND in it, in hex",
        read: |view| view.zh_resync_rand(),
    },
    FactInfo {
        name: "zh.resync.mac",
        doc: "MAC-S of the AUTS in it, with the keys of the subscriber: `valid` or `wrong`",
        read: |view| view.zh_resync_mac(),
    },
    FactInfo {
        name: "zh.resync.sqn-ms",
        doc: "SQN_MS of that AUTS",
        read: |view| view.zh_resync_sqn_ms(),
    },
    FactInfo {
        name: "vector",
        doc: "how a vector comes from the HSS: `rand-autn` for 32 octets, `rand-alone`, `base64`, `hex`, `other`",
        read: |view| view.vector(),
    },
    FactInfo {
        name: "vector.rand",
        doc: "RAND in it, in hex",
        read: |view| view.vector_rand(),
    },
    FactInfo {
        name: "vector.sqn",
        doc: "SQN in its AUTN",
        read: |view| view.vector_sqn(),
    },
    FactInfo {
        name: "vector.mac",
        doc: "MAC-A of its AUTN: `valid` or `wrong`",
        read: |view| view.vector_mac(),
    },
    FactInfo {
        name: "vector.amf",
        doc: "AMF of its AUTN, in hex",
        read: |view| view.vector_amf(),
    },
    FactInfo {
        name: "vector.xres",
        doc: "what stands where XRES belongs: `xres`, `ck`, `ik`, one of them `as hex` or `as base64`, or something else",
        read: |view| view.vector_xres(),
    },
    FactInfo {
        name: "vector.ck",
        doc: "the same of the confidentiality key",
        read: |view| view.vector_ck(),
    },
    FactInfo {
        name: "vector.ik",
        doc: "the same of the integrity key",
        read: |view| view.vector_ik(),
    },
    FactInfo {
        name: "zn.btid",
        doc: "B-TID that a NAF asks about",
        read: |view| view.zn_btid(),
    },
    FactInfo {
        name: "zn.session",
        doc: "`known` if that is the B-TID of a session of the profile that has not expired, else `unknown`",
        read: |view| view.zn_session(),
    },
    FactInfo {
        name: "zn.naf.fqdn",
        doc: "name in the NAF-Id of that request: all but its last five octets",
        read: |view| view.zn_naf_fqdn(),
    },
    FactInfo {
        name: "zn.naf.ua-id",
        doc: "Ua security protocol identifier in it: the last five octets, in hex",
        read: |view| view.zn_naf_ua_id(),
    },
    FactInfo {
        name: "key.me",
        doc: "what the key for the NAF is: `ks-naf`, `ks-int-naf`, `ks`, `ks-naf of another NAF-Id`, one of the mistakes that the table below calls `ks-naf-...`, one of them `as hex` or `as base64`, `zeros`, `empty`, or something else",
        read: |view| view.key_me(),
    },
    FactInfo {
        name: "key.uicc",
        doc: "the same of the key of the card",
        read: |view| view.key_uicc(),
    },
    FactInfo {
        name: "key.expiry",
        doc: "end of the key's lifetime",
        read: |view| view.key_expiry(),
    },
    FactInfo {
        name: "key.expiry.told",
        doc: "the same beside what the UE was told on Ub: `same`, `earlier` or `later`",
        read: |view| view.key_expiry_told(),
    },
    FactInfo {
        name: "key.created",
        doc: "`now` if the time of bootstrapping lies within an hour of the play, else `another-time`",
        read: |view| view.key_created(),
    },
    FactInfo {
        name: "key.gba-type",
        doc: "`3g`, `2g`, `digest` or `other`",
        read: |view| view.key_gba_type(),
    },
    FactInfo {
        name: "uss.root",
        doc: "root of the document of user security settings: `guss`, `ussList` or `other`",
        read: |view| view.uss_root(),
    },
    FactInfo {
        name: "uss.gsids",
        doc: "list of the services (GSID) that a `ussList` has settings for",
        read: |view| view.uss_gsids(),
    },
    FactInfo {
        name: "sbi.operation",
        doc: "what a request of a service-based interface, or the one that is answered, asks for: bootstrapping-info-retrieval, push-info-retrieval, generate-auth-data, subscriber-data, subscriptions",
        read: |view| view.sbi_operation(),
    },
    FactInfo {
        name: "sbi.asked",
        doc: "list of such operations that the sender of this message has asked for in the play so far",
        read: |view| view.sbi_asked(),
    },
    FactInfo {
        name: "sbi.ue-id",
        doc: "form of the identity in its path: `imsi`, `msisdn`, `impi`, `impu`, or `other`",
        read: |view| view.sbi_ue_id(),
    },
    FactInfo {
        name: "sbi.form",
        doc: "deviations of path and JSON body from their schemas; `none` if there are none",
        read: |view| view.sbi_form(),
    },
    FactInfo {
        name: "sbi.scheme",
        doc: "authenticationScheme of a request for a vector",
        read: |view| view.sbi_scheme(),
    },
    FactInfo {
        name: "soap.form",
        doc: "deviations of a message of the web service of Zn from its form; `none` if there are none",
        read: |view| view.soap_form(),
    },
    FactInfo {
        name: "soap.fault",
        doc: "faultcode of a Fault of SOAP",
        read: |view| view.soap_fault(),
    },
    FactInfo {
        name: "problem",
        doc: "`there` if the body is one of ProblemDetails",
        read: |view| view.problem_there(),
    },
    FactInfo {
        name: "problem.status",
        doc: "status in it",
        read: |view| view.problem_status(),
    },
    FactInfo {
        name: "problem.cause",
        doc: "cause in it",
        read: |view| view.problem_cause(),
    },
];
