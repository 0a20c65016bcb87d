//! `gbaspec serve`: a reference peer on the network.

#![expect(clippy::print_stdout, reason = "the command line speaks to people")]

use anyhow::Context as _;
use data_encoding::BASE64;
use gbaspec_case::element::Element;
use gbaspec_drive::host::Host;
use gbaspec_drive::runner::exit;
use gbaspec_drive::target::{Peer, server_role};
use gbaspec_roles::faults;

use crate::arguments::{ServeOptions, ServedRole};
use crate::failure::Failure;
use crate::workspace;

/// Serves until it is interrupted.
pub(crate) fn serve(options: &ServeOptions) -> Result<u8, Failure> {
    let role = match options.role {
        ServedRole::Bsf => Element::Bsf,
        ServedRole::Naf => Element::Naf,
        ServedRole::Portal => Element::Portal,
    };
    let profile = workspace::built_in_profile(role)?;
    let peer = peer(options, role)?;
    let address = options.listen.as_deref().unwrap_or(&profile.address);
    let (server, tamper) = server_role(role, peer, options.seed);
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let host = Host::start(server, tamper, address).await;
        let mut host = host.map_err(|why| Failure::File(address.into(), why))?;
        println!(
            "{role} {} listens on http://{}/",
            profile.scene.names.of(role),
            host.address
        );
        if options.show_test_credentials {
            for session in &profile.scene.sessions {
                let password = BASE64.encode(session.ks_naf.expose());
                println!(
                    "test credentials: user {} password {password}",
                    session.btid
                );
            }
        }
        tokio::select! {
            () = host.wait() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok(exit::OK)
    })
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
