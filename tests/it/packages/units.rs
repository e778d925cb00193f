//! The units: read by systemd itself, and in step with what they start.

use std::process::Command;
use std::time::Duration;

use super::{said, tool};
use crate::sandbox::root;

const UNITS: [&str; 3] = ["sluss.service", "sluss-once.service", "sluss-once.timer"];

fn unit(name: &str) -> String {
    std::fs::read_to_string(root().join("docker/systemd").join(name)).unwrap()
}

/// The values of a setting.
fn settings<'a>(unit: &'a str, name: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).collect()
}

#[test]
fn systemd_reads_the_units() {
    let places = UNITS.map(|name| root().join("docker/systemd").join(name));
    let Some(verified) = tool(Command::new("systemd-analyze").arg("verify").arg("--man=no").args(&places)) else {
        return;
    };
    // That the program is not installed here is all that may be wrong.
    let complaints = said(&verified);
    let wrong: Vec<_> = complaints
        .lines()
        .filter(|line| !line.contains("/usr/bin/sluss is not executable") && line.contains("sluss"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mut security = Command::new("systemd-analyze");
    security.args(["security", "--offline=true", "--no-pager", "--threshold=20"]).args(&places[..2]);
    if let Some(judged) = tool(&mut security) {
        assert!(judged.status.success(), "exposed: {}", said(&judged));
    }
}

#[test]
fn units_are_in_step_with_the_program() {
    for name in ["sluss.service", "sluss-once.service"] {
        let unit = unit(name);
        // [serve] stop of the package's sluss.toml, and time to hand back.
        let project = std::fs::read_to_string(root().join("docker/deb/sluss.toml")).unwrap();
        let project: toml::Table = toml::from_str(&project).unwrap();
        let stop = humantime::parse_duration(project["serve"]["stop"].as_str().unwrap()).unwrap();
        let most = humantime::parse_duration(settings(&unit, "TimeoutStopSec")[0]).unwrap();
        assert!(most >= stop + Duration::from_secs(20), "{name}: {most:?}, {stop:?}");
        assert_eq!(settings(&unit, "KillSignal"), ["SIGTERM"]);
        for (setting, value) in
            [("User", "sluss"), ("NoNewPrivileges", "yes"), ("ProtectSystem", "strict"), ("CapabilityBoundingSet", "")]
        {
            assert_eq!(settings(&unit, setting), [value], "{name}: {setting}");
        }
        // All that the package's project writes is what the service may write.
        assert_eq!(settings(&unit, "StateDirectory"), ["sluss"]);
        let places = [
            &project["lake"]["path"],
            &project["landing"]["path"],
            &project["retention"]["list"],
            &project["audit"]["anchor"],
        ];
        assert!(places.iter().all(|place| place.as_str().unwrap().starts_with("/var/lib/sluss/")), "{places:?}");
        let start = settings(&unit, "ExecStart")[0];
        assert!(start.starts_with("/usr/bin/sluss --project /etc/sluss serve"), "{start}");
    }
    assert_eq!(settings(&unit("sluss.service"), "Restart"), ["on-failure"]);
    assert!(unit("sluss-once.timer").contains("OnCalendar="));
}
