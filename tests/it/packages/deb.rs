//! The Debian package: what is in it, and that it runs from where it was unpacked.

use std::path::Path;
use std::process::Command;

use super::{said, tool};
use crate::sandbox::root;

/// What must be in it.
const FILES: [&str; 9] = [
    "./usr/bin/sluss",
    "./usr/lib/systemd/system/sluss.service",
    "./usr/lib/systemd/system/sluss-once.service",
    "./usr/lib/systemd/system/sluss-once.timer",
    "./etc/sluss/sluss.toml",
    "./usr/share/bash-completion/completions/sluss",
    "./usr/share/zsh/vendor-completions/_sluss",
    "./usr/share/doc/sluss/drift/README.md",
    "./usr/share/doc/sluss/copyright",
];

/// Packs the program that these tests run. None, and a printed line, where the tool is not installed.
fn package(to: &Path) -> Option<std::path::PathBuf> {
    tool(Command::new("cargo-deb").arg("--version"))?;
    tool(Command::new("dpkg-deb").arg("--version"))?;
    let program = Path::new(env!("CARGO_BIN_EXE_sluss"));
    let profile = match program.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap() {
        "debug" => "dev",
        other => other,
    };
    // Into a folder of its own: a package of the tests is none to be installed.
    let mut pack = Command::new(root().join("docker/deb.sh"));
    pack.args(["--built", profile]).env("SLUSS_DEB_OUT", to);
    pack.env("CARGO_TARGET_DIR", program.parent().and_then(Path::parent).unwrap());
    let packed = pack.output().unwrap();
    assert!(packed.status.success(), "{}", said(&packed));
    Some(String::from_utf8(packed.stdout).unwrap().lines().last().unwrap().into())
}

#[test]
fn the_package_holds_what_is_needed_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let Some(package) = package(folder.path()) else { return };
    let asked = |arguments: &[&str]| {
        let answer = Command::new("dpkg-deb").args(arguments).arg(&package).output().unwrap();
        assert!(answer.status.success(), "{}", said(&answer));
        String::from_utf8(answer.stdout).unwrap()
    };
    let listed = asked(&["--contents"]);
    for file in FILES {
        assert!(listed.lines().any(|line| line.split_whitespace().nth(5) == Some(file)), "{file} is not in\n{listed}");
    }
    assert!(!listed.contains("secrets") && !listed.contains("hemligheter"), "{listed}");
    let about = asked(&["--field"]);
    assert!(about.contains("Package: sluss\n") && about.contains("passwd"), "{about}");
    let unpacked = folder.path().join("rot");
    let control = folder.path().join("styrning");
    for (how, to) in [("--extract", &unpacked), ("--control", &control)] {
        let done = Command::new("dpkg-deb").arg(how).arg(&package).arg(to).output().unwrap();
        assert!(done.status.success(), "{}", said(&done));
    }
    assert_eq!(std::fs::read_to_string(control.join("conffiles")).unwrap().trim(), "/etc/sluss/sluss.toml");
    for script in ["postinst", "prerm", "postrm"] {
        let read = Command::new("sh").arg("-n").arg(control.join(script)).output().unwrap();
        assert!(read.status.success(), "{script}: {}", said(&read));
        let text = std::fs::read_to_string(control.join(script)).unwrap();
        assert!(!text.contains("read ") && !text.contains("curl") && !text.contains("rm -r"), "{script}");
    }
    // From there, on the project that comes with it, with its places moved into the same root.
    let project = folder.path().join("projekt");
    std::fs::create_dir(&project).unwrap();
    let text = std::fs::read_to_string(unpacked.join("etc/sluss/sluss.toml")).unwrap();
    let state = folder.path().join("tillstand");
    std::fs::write(project.join("sluss.toml"), text.replace("/var/lib/sluss", state.to_str().unwrap())).unwrap();
    for arguments in [&["init"][..], &["check", "--offline"], &["serve", "--once"], &["jobs"]] {
        let mut run = Command::new(unpacked.join("usr/bin/sluss"));
        let answer = run.arg("--project").arg(&project).args(arguments).output().unwrap();
        assert!(answer.status.success(), "{arguments:?}: {}", said(&answer));
    }
    assert!(state.join("register.db").is_file());
    let completions = std::fs::read_to_string(unpacked.join("usr/share/bash-completion/completions/sluss")).unwrap();
    assert!(completions.contains("backup") && completions.contains("restore"));
}
