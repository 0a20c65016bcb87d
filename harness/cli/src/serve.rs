//! `gbaspec serve`: a reference peer on the network.

#![expect(clippy::print_stdout, reason = "the command line speaks to people")]

use std::fs;

use anyhow::Context as _;
use data_encoding::BASE64;
use gbaspec_case::case::Surroundings;
use gbaspec_case::element::Element;
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::scene::ua_protocol;
use gbaspec_drive::host::{Host, TlsPort, Upstreams};
use gbaspec_drive::runner::exit;
use gbaspec_drive::target::{Peer, server_role};
use gbaspec_drive::tls::Authority;
use gbaspec_roles::{Upstream, faults};

use crate::arguments::{ServeOptions, ServedRole};
use crate::failure::Failure;
use crate::workspace;

/// Serves until it is interrupted.
pub(crate) fn serve(options: &ServeOptions) -> Result<u8, Failure> {
    let role = match options.role {
        ServedRole::Bsf => Element::Bsf,
        ServedRole::Naf => Element::Naf,
        ServedRole::Portal => Element::Portal,
        ServedRole::Proxy => Element::Proxy,
    };
    if options.psk_listen.is_some() && role != Element::Naf {
        return Err(Failure::Unknown {
            what: "option of this role",
            name: "--psk-listen".to_owned(),
            advice: "only a naf shares keys in handshakes (TS 24.109 5.3.3)".to_owned(),
        });
    }
    let profile = workspace::built_in_profile(role)?;
    let peer = peer(options, role)?;
    let address = options.listen.as_deref().unwrap_or(&profile.address);
    let name = profile.scene.names.of(role);
    let authority = authority(options)?;
    let (server, tamper) = server_role(role, Surroundings::Provisioned, peer, options.seed);
    let upstreams = upstreams(options, &profile)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let tls = options.tls_listen.as_deref().zip(authority.as_ref());
        let tls = tls.map(|(address, authority)| TlsPort {
            address,
            name,
            authority,
        });
        let host = Host::start_before(server, tamper, address, tls, upstreams).await;
        let mut host = host.map_err(Failure::Drive)?;
        println!("{role} {name} listens on http://{}/", host.address);
        if let Some(address) = host.tls_address {
            println!("{role} {name} listens on https://{address}/");
        }
        if let Some(address) = &options.psk_listen {
            host.share_keys(address).await.map_err(Failure::Drive)?;
        }
        if let Some(address) = host.psk_address {
            println!("{role} {name} shares keys on {address}");
        }
        if options.show_test_credentials {
            // Inside TLS the password of a NAF depends on the suite (TS 33.220 H.3).
            let naf = profile.scene.naf_id(role, ua_protocol(role));
            for session in &profile.scene.sessions {
                let Some(key) = profile.scene.session_key(session, &naf) else {
                    continue;
                };
                let (user, password) = (&session.btid, BASE64.encode(key.expose()));
                println!("test credentials: user {user} password {password}");
            }
        }
        tokio::select! {
            () = host.wait() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok(exit::OK)
    })
}

/// Where the servers behind a served proxy are.
fn upstreams(options: &ServeOptions, profile: &TargetProfile) -> Result<Upstreams, Failure> {
    if options.upstream.is_some() && profile.role != Element::Proxy {
        return Err(Failure::Unknown {
            what: "role with servers behind it",
            name: profile.role.to_string(),
            advice: "only a proxy has an upstream".to_owned(),
        });
    }
    let usual = profile.listen.get(&Element::As);
    let address = options.upstream.as_ref().or(usual);
    let known = address.map(|address| (Upstream::As, address.clone()));
    Ok(Upstreams {
        addresses: known.into_iter().collect(),
        ..Upstreams::default()
    })
}

/// The CA of this run, its certificate written where the user wants it.
fn authority(options: &ServeOptions) -> Result<Option<Authority>, Failure> {
    if options.tls_listen.is_none() {
        return Ok(None);
    }
    let authority = Authority::new().map_err(|why| Failure::Drive(why.into()))?;
    if let Some(path) = &options.write_ca {
        let written = fs::write(path, authority.pem());
        written.map_err(|why| Failure::File(path.clone(), why))?;
    }
    Ok(Some(authority))
}

fn peer(options: &ServeOptions, role: Element) -> Result<Peer, Failure> {
    let Some(id) = &options.fault else {
        return Ok(Peer::Correct);
    };
    let Some(fault) = faults::by_id(id) else {
        let near = faults::near(id);
        let advice = if near.is_empty() {
            "`gbaspec faults` lists them".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        return Err(Failure::Unknown {
            what: "fault",
            name: id.clone(),
            advice,
        });
    };
    if fault.role.as_str() != role.as_str() {
        let owner = fault.role.as_str();
        let advice = format!("it is a fault of a {owner}: `gbaspec serve {owner} --fault {id}`");
        return Err(Failure::Unknown {
            what: "fault of this role",
            name: id.clone(),
            advice,
        });
    }
    Ok(Peer::Faulty(fault))
}
