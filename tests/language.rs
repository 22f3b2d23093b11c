//! `docs/language.md` says what is so: its interfaces compile, and the numbers of its worked example are those of the compiler.

use anyhow::{Context, Result, ensure};
use rpcgen::{
    diag::Diagnostics,
    ir::{ItemKind, Method, Program},
    load::Loaded,
    sema,
    source::SourceMap,
    syntax,
};

const PAGE: &str = include_str!("../docs/language.md");

/// The blocks that are whole interfaces.
fn interfaces() -> Vec<&'static str> {
    PAGE.split("```rpc\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block).collect()
}

fn compile(text: &str) -> Result<Program> {
    let mut found = Diagnostics::default();
    let file = SourceMap::default().add("language.md", text.to_owned());
    let ast = syntax::parse(file, text, &mut found);
    let program = sema::analyze(&[Loaded { file, ast, imports: Vec::new(), is_root: true }], &mut found);
    ensure!(found.is_empty(), "{found:?}");
    program.context("no program")
}

fn methods(program: &Program) -> impl Iterator<Item = &Method> {
    let services = program.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Service(service) => Some(service),
        _ => None,
    });
    services.flat_map(|service| &service.methods)
}

#[test]
fn its_interfaces_compile_without_findings() -> Result<()> {
    ensure!(interfaces().len() == 2, "{} interfaces", interfaces().len());
    for text in interfaces() {
        compile(text).with_context(|| text.to_owned())?;
    }
    Ok(())
}

#[test]
fn its_worked_example_has_the_numbers_of_the_compiler() -> Result<()> {
    let program = compile(interfaces().last().context("no example")?)?;
    for method in methods(&program) {
        let Method { name, number, shape_text, shape, .. } = method;
        let row = format!(
            "| `{name}` | `demo.drawing.Canvas/{name}` | `{number:#010x}` | `{shape_text}` | `{shape:#010x}` |\n"
        );
        ensure!(PAGE.contains(&row), "no row {row}");
    }
    ensure!(methods(&program).count() == 6, "not six methods");
    Ok(())
}
