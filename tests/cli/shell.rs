//! What a shell is told of the command: completions, manual pages, examples.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::scene::{Scene, files_below};

/// The commands that the help lists.
fn commands(scene: &Scene) -> Result<Vec<String>> {
    let help = scene.expect(0, "--help")?.out;
    let (_, rest) = help.split_once("\nCommands:\n").context("no list of commands")?;
    let (list, _) = rest.split_once("\n\n").context("no end of the list")?;
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    Ok(names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect())
}

#[test]
fn every_shell_completes_every_command() -> Result<()> {
    let scene = Scene::new()?;
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = scene.expect(0, &format!("completions {shell}"))?;
        ensure!(run.err.is_empty(), "{run:?}");
        let words: Vec<&str> = run.out.split(|char: char| !char.is_ascii_alphanumeric()).collect();
        for command in commands(&scene)? {
            ensure!(words.contains(&command.as_str()), "{shell} does not know {command}: {}", run.out);
        }
    }
    Ok(())
}

#[test]
fn every_command_has_a_manual_page() -> Result<()> {
    let scene = Scene::new()?;
    scene.expect(0, "man --out man")?;
    let commands = commands(&scene)?;
    let mut names: Vec<_> = commands.iter().map(|command| format!("rpcgen-{command}.1")).collect();
    names.push("rpcgen.1".to_owned());
    names.sort();
    ensure!(files_below(&scene.path("man"))? == names, "one page a command");
    for command in commands {
        let page = fs::read_to_string(scene.path(&format!("man/rpcgen-{command}.1")))?;
        ensure!(page.contains(&format!("Example: rpcgen {command} ")), "{page}");
    }
    let again = scene.expect(0, "man --out man --check")?;
    ensure!(again.out.is_empty() && again.err.is_empty(), "{again:?}");
    Ok(())
}

#[test]
fn every_command_has_an_example() -> Result<()> {
    let scene = Scene::new()?;
    let commands = commands(&scene)?;
    ensure!(
        commands == ["compile", "check", "fmt", "breaking", "crate", "new", "layout", "explain", "completions", "man"],
        "{commands:?}"
    );
    for command in commands {
        let page = scene.expect(0, &format!("{command} --help"))?;
        ensure!(page.out.contains(&format!("Example: rpcgen {command} ")) && page.err.is_empty(), "{page:?}");
    }
    Ok(())
}
