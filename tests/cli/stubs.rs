//! Which stubs are made, by `rpcgen compile` and `rpcgen crate` alike, and which names they take.

use std::fs;

use anyhow::{Result, ensure};

use crate::scene::Scene;

#[test]
fn asynchronous_stubs_are_made_where_they_are_asked_for() -> Result<()> {
    let scene = Scene::new()?;
    let made = |stubs: &str| {
        scene.expect(0, &format!("compile good.rpc --out out {stubs}"))?;
        let text = fs::read_to_string(scene.path("out/demo.good.rs"))?;
        let command = text.lines().nth(1).unwrap_or_default().to_owned();
        Ok::<_, anyhow::Error>((text.contains("struct CallsClient"), text.contains("struct AsyncCallsClient"), command))
    };
    let command = "// Made again by: rpcgen compile good.rpc --out out";
    ensure!(made("")? == (true, false, command.to_owned()));
    ensure!(made("--stubs blocking")? == (true, false, command.to_owned()));
    ensure!(made("--stubs tokio")? == (false, true, format!("{command} --stubs tokio")));
    ensure!(made("--stubs blocking,tokio")? == (true, true, format!("{command} --stubs blocking,tokio")));
    Ok(())
}

#[test]
fn names_of_asynchronous_stubs_are_taken_only_where_there_are_such() -> Result<()> {
    let scene = Scene::new()?;
    let text = "package taken;\nstruct AsyncDeskClient { a: u8 }\n\
                service Desk { call_with_metadata(); call(); oneway tell(); tell_with_metadata(); }\n";
    fs::write(scene.path("taken.rpc"), text)?;
    for line in ["check taken.rpc", "compile taken.rpc --out stubs", "crate taken.rpc --out one --no-tokio"] {
        ensure!(scene.expect(0, line)?.err.is_empty(), "{line}");
    }
    for line in ["compile taken.rpc --out stubs --stubs tokio", "crate taken.rpc --out two"] {
        let err = scene.expect(1, line)?.err;
        for (name, other, made) in
            [("Desk", "AsyncDeskClient", "AsyncDeskClient"), ("call", "call_with_metadata", "call_with_metadata")]
        {
            let message = format!("error[RPC0602]: `{name}` and `{other}` both make `{made}` in Rust");
            ensure!(err.contains(&message) && err.contains("or make no asynchronous stubs"), "{line}: {err}");
        }
        ensure!(err.matches("error[").count() == 2, "{line}: {err}");
    }
    ensure!(!scene.path("two").exists(), "nothing is written");
    Ok(())
}

#[test]
fn methods_read_in_place_where_they_are_asked_to() -> Result<()> {
    let scene = Scene::new()?;
    let text = "package shop;\nstruct Order { note: string }\n\
                service Desk { place(order: Order); find() -> Order; }\n\
                service Attic { store(orders: list<Order>); }\n";
    fs::write(scene.path("shop.rpc"), text)?;
    let traces = ["order: OrderView<'_>", "fn find_in_place<", "orders: stub::ListView<'_, OrderView<'_>>"];
    for (views, expected) in [
        ("", [false, false, false]),
        (" --views shop.Desk.place", [true, false, false]),
        (" --views shop.Desk", [true, true, false]),
        (" --views shop.Desk.find --views shop.Attic", [false, true, true]),
        (" --views shop", [true, true, true]),
    ] {
        scene.expect(0, &format!("compile shop.rpc --out out{views}"))?;
        scene.expect(0, &format!("crate shop.rpc --out shop-stubs{views}"))?;
        let made = fs::read_to_string(scene.path("out/shop.rs"))?;
        ensure!(traces.map(|trace| made.contains(trace)) == expected, "{views}: {made}");
        ensure!(made.contains(&format!("rpcgen compile shop.rpc --out out{views}\n")), "{made}");
        let in_crate = fs::read_to_string(scene.path("shop-stubs/src/shop.rs"))?;
        ensure!(in_crate.contains("struct OrderView<'a>") != views.is_empty(), "{in_crate}");
    }
    let err = scene.expect(2, "compile shop.rpc --out out --views shop.Desk.fond")?.err;
    ensure!(
        err.contains("no method, service or package `shop.Desk.fond`") && err.contains("is `shop.Desk.find` meant?"),
        "{err}"
    );
    Ok(())
}

#[test]
fn names_of_views_are_taken_only_where_there_are_such() -> Result<()> {
    let scene = Scene::new()?;
    let text = "package taken;\nstruct Order { note: string } struct OrderView { a: u8 }\n\
                service Desk { find_in_place() -> Order; find() -> Order; }\n\
                service Attic { start_find() -> Order; find_in_place() -> Order; }\n";
    fs::write(scene.path("taken.rpc"), text)?;
    scene.expect(0, "compile taken.rpc --out out")?;
    let err = scene.expect(1, "compile taken.rpc --out out --views taken")?.err;
    for message in [
        "`Order` and `OrderView` both make `OrderView`",
        "`find` and `find_in_place` both make `find_in_place`",
        "`start_find` and `find_in_place` both make `start_find_in_place`",
    ] {
        ensure!(err.contains(&format!("error[RPC0602]: {message} in Rust")), "{err}");
    }
    ensure!(err.contains("or have nothing read in place") && err.matches("error[").count() == 3, "{err}");
    Ok(())
}
