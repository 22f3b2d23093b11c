//! scratch
use rpcgen::{diag::Diagnostics, load::Loaded, source::SourceMap, sema, syntax, backend};
fn main() {
    let mut sources = SourceMap::default(); let mut out = Diagnostics::default();
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let file = sources.add(&path, text.clone());
    let ast = syntax::parse(file, &text, &mut out);
    let program = sema::analyze(&[Loaded { file, ast, imports: vec![], is_root: true }], &mut out);
    for d in &out { eprintln!("{} {:?}", d.message, d.primary.as_ref().map(|l| sources.file(l.location.file).line_column(l.location.span.lo))); }
    let Some(program) = program else { std::process::exit(1) };
    match backend::rust::generate(&program, &sources, &backend::rust::Options { command: Some(format!("rpcgen compile {path}")) }) {
        Ok(files) => for (name, text) in files { println!("=== {name}\n{text}") },
        Err(e) => println!("{e}"),
    }
}
