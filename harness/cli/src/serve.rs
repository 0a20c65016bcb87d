//! `gbaspec serve`: a reference peer on the network.

#![expect(clippy::print_stdout, reason = "the command line speaks to people")]

use std::fs;

use anyhow::Context as _;
use data_encoding::BASE64;
use gbaspec_case::case::Surroundings;
use gbaspec_case::element::Element;
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::scene::ua_protocol;
use gbaspec_drive::diameter::DiameterIdentity;
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
        ServedRole::Hss => Element::Hss,
    };
    check_options(options, role)?;
    let profile = workspace::built_in_profile(role)?;
    let peer = peer(options, role)?;
    let address = options.listen.as_deref().unwrap_or(&profile.address);
    let name = profile.scene.names.of(role);
    let authority = authority(options)?;
    let (server, tamper) = server_role(role, surroundings(options, role), peer, options.seed);
    let upstreams = upstreams(options, &profile);
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let tls = options.tls_listen.as_deref().zip(authority.as_ref());
        let tls = tls.map(|(address, authority)| TlsPort {
            address,
            name,
            authority,
        });
        let mut host = if role == Element::Hss {
            let mut host = Host::new(server, tamper, upstreams);
            if let Some((port, identity)) = tls.zip(DiameterIdentity::serving(role, name)) {
                let served = host.serve_diameter_inside_tls(&port, identity).await;
                served.map_err(Failure::Drive)?;
            }
            host
        } else {
            let host = Host::start_before(server, tamper, address, tls, upstreams).await;
            host.map_err(Failure::Drive)?
        };
        open_doors(&mut host, options, (role, name, address)).await?;
        tell_addresses(&host, role, name);
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

/// Each option of an interface belongs to the roles that have it.
fn check_options(options: &ServeOptions, role: Element) -> Result<(), Failure> {
    let is_bsf = role == Element::Bsf;
    let is_naf = role == Element::Naf;
    let is_hss = role == Element::Hss;
    let known = [
        ("--psk-listen", &options.psk_listen, is_naf),
        ("--upstream", &options.upstream, role == Element::Proxy),
        ("--zh", &options.zh, is_bsf),
        ("--zn", &options.zn, is_bsf || is_naf),
        ("--sbi", &options.sbi, is_bsf || is_hss),
        ("--asks-sbi", &options.asks_sbi, is_bsf || is_naf),
    ];
    let mut wrong = known
        .iter()
        .filter(|(_, value, fits)| value.is_some() && !fits);
    match wrong.next() {
        None => Ok(()),
        Some((name, ..)) => Err(Failure::Unknown {
            what: "option of this role",
            name: (*name).to_owned(),
            advice: format!(
                "a {role} has no such interface; `gbaspec serve --help` says which have"
            ),
        }),
    }
}

/// Whom the peer asks before it answers.
fn surroundings(options: &ServeOptions, role: Element) -> Surroundings {
    let asks_over_diameter = match role {
        Element::Bsf => options.zh.is_some(),
        Element::Naf => options.zn.is_some(),
        _ => false,
    };
    if options.asks_sbi.is_some() {
        Surroundings::Sbi
    } else if asks_over_diameter {
        Surroundings::Diameter
    } else {
        Surroundings::Provisioned
    }
}

/// Where the servers are that the peer asks.
fn upstreams(options: &ServeOptions, profile: &TargetProfile) -> Upstreams {
    let mut upstreams = Upstreams::default();
    let names = &profile.scene.names;
    match profile.role {
        Element::Proxy => {
            let usual = profile.listen.get(&Element::As);
            let address = options.upstream.as_ref().or(usual);
            let known = address.map(|address| (Upstream::As, address.clone()));
            upstreams.addresses.extend(known);
        }
        Element::Bsf => {
            let hss = DiameterIdentity::asking(Element::Bsf, &names.bsf).zip(options.zh.clone());
            upstreams
                .diameter
                .extend(hss.map(|hss| (Upstream::Hss, hss)));
            let hss = options.asks_sbi.clone();
            upstreams.sbi.extend(hss.map(|hss| (Upstream::Hss, hss)));
        }
        Element::Naf => {
            let bsf = DiameterIdentity::asking(Element::Naf, &names.naf).zip(options.zn.clone());
            upstreams
                .diameter
                .extend(bsf.map(|bsf| (Upstream::Bsf, bsf)));
            let bsf = options.asks_sbi.clone();
            upstreams.sbi.extend(bsf.map(|bsf| (Upstream::Bsf, bsf)));
        }
        _ => {}
    }
    upstreams
}

/// Opens what the options ask for beside HTTP.
async fn open_doors(
    host: &mut Host,
    options: &ServeOptions,
    (role, name, address): (Element, &str, &str),
) -> Result<(), Failure> {
    let diameter = match role {
        Element::Hss => Some(address),
        Element::Bsf => options.zn.as_deref(),
        _ => None,
    };
    if let Some((address, identity)) = diameter.zip(DiameterIdentity::serving(role, name)) {
        let served = host.serve_diameter(address, identity).await;
        served.map_err(Failure::Drive)?;
    }
    if let Some(address) = &options.sbi {
        host.serve_http2(address).await.map_err(Failure::Drive)?;
    }
    if let Some(address) = &options.psk_listen {
        host.share_keys(address).await.map_err(Failure::Drive)?;
    }
    Ok(())
}

fn tell_addresses(host: &Host, role: Element, name: &str) {
    let known = [
        ("listens on http://", host.address, "/"),
        ("listens on https://", host.tls_address, "/"),
        ("shares keys on ", host.psk_address, ""),
        ("speaks Diameter on ", host.diameter_address, ""),
        (
            "speaks Diameter inside TLS on ",
            host.diameter_tls_address,
            "",
        ),
        (
            "offers its service-based interface on http://",
            host.http2_address,
            "/",
        ),
    ];
    for (does, address, end) in known {
        if let Some(address) = address {
            println!("{role} {name} {does}{address}{end}");
        }
    }
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
