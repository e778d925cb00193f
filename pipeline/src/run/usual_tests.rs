//! Guards from a job's own history, against simulated histories: false alarms and planted faults.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

fn delivery(rows: u64, rejected: u64, repaired: u64, ended: u64) -> Weighed {
    let accepted = rows - rejected;
    let table = TableWeighed { table: "avtal".into(), accepted, repaired, before: rows, ended };
    Weighed { rows, rejected, tables: vec![table] }
}

fn guards(now: &Weighed, past: &[Weighed]) -> Vec<String> {
    unusual(&Limits::default(), Mode::Snapshot, now, past).into_iter().map(|held| held.guard).collect()
}

#[test]
fn a_history_that_never_varies_lets_a_row_more_through() {
    let past = vec![delivery(300, 0, 0, 0); 30];
    for now in [delivery(301, 0, 0, 0), delivery(299, 0, 0, 1), delivery(300, 3, 5, 0), delivery(360, 0, 0, 0)] {
        assert_eq!(guards(&now, &past), Vec::<String>::new(), "{now:?}");
    }
    assert_eq!(guards(&delivery(150, 0, 0, 0), &past), ["ovanligt_antal"]);
    assert_eq!(guards(&delivery(600, 0, 0, 0), &past), ["ovanligt_antal"]);
    assert_eq!(guards(&delivery(300, 15, 0, 0), &past), ["ovanlig_andel_avvisade"]);
    assert_eq!(guards(&delivery(300, 0, 60, 0), &past), ["ovanlig_andel_rattade"]);
    assert_eq!(guards(&delivery(300, 0, 0, 45), &past), ["ovanlig_andel_avslutade"]);
    // Better than usual is no fault.
    let poor = vec![delivery(300, 60, 150, 0); 30];
    assert_eq!(guards(&delivery(300, 0, 0, 0), &poor), Vec::<String>::new());
}

#[test]
fn without_history_and_switched_off_nothing_is_judged() {
    let half = delivery(150, 0, 0, 0);
    let past = vec![delivery(300, 0, 0, 0); 9];
    assert!(guards(&half, &past).is_empty(), "nine runs are too few");
    let past = vec![delivery(300, 0, 0, 0); 30];
    let off = Limits { unusual: 0.0, ..Limits::default() };
    assert!(unusual(&off, Mode::Snapshot, &half, &past).is_empty());
    assert!(unusual(&Limits::default(), Mode::Incremental, &half, &past).is_empty(), "what is new varies");
    let told = unusual(&Limits::default(), Mode::Snapshot, &half, &past);
    assert_eq!(told[0].sv, "Leveransen har 150 rader; de senaste 30 leveranserna har haft omkring 300.");
    let told = unusual(&Limits::default(), Mode::Snapshot, &delivery(300, 15, 0, 0), &past);
    assert_eq!(told[0].sv, "5,0\u{a0}% av raderna avvisades. Vanligen är det omkring 0,0\u{a0}%.");
}

/// Draws from a Poisson distribution: by its products for small means, by a normal one for large.
fn poisson(random: &mut StdRng, mean: f64) -> u64 {
    if mean > 60.0 {
        let normal = (-2.0 * random.random::<f64>().max(1e-12).ln()).sqrt()
            * (std::f64::consts::TAU * random.random::<f64>()).cos();
        return format!("{:.0}", (mean + mean.sqrt() * normal).max(0.0)).parse().unwrap();
    }
    let (limit, mut product, mut count) = ((-mean).exp(), random.random::<f64>(), 0);
    while product > limit {
        product *= random.random::<f64>();
        count += 1;
    }
    count
}

/// One night of a source that is as it should be.
fn night(random: &mut StdRng, mean: f64, shares: [f64; 3]) -> Weighed {
    let rows = poisson(random, mean).max(1);
    let [rejected, repaired, ended] = shares.map(|share| poisson(random, figure(rows) * share).min(rows));
    delivery(rows, rejected, repaired.min(rows - rejected), ended)
}

/// Held nights of `nights`, where those before are the history, the latest first; what is held is not in it.
fn play(random: &mut StdRng, mean: impl Fn(f64) -> f64, shares: [f64; 3], nights: u32) -> (u32, Vec<Weighed>) {
    let (mut past, mut alarms): (Vec<Weighed>, u32) = (Vec::new(), 0);
    for number in 0..nights {
        let now = night(random, mean(f64::from(number)), shares);
        if guards(&now, &past).is_empty() {
            past.insert(0, now);
            past.truncate(30);
        } else {
            alarms += 1;
        }
    }
    (alarms, past)
}

/// Rows to be expected, of a mean and the number of a night.
type Level = fn(f64, f64) -> f64;

/// What 10,000 stable histories of 60 nights come to (a plain run plays a tenth; `SLUSS_LONG=1` all): a third with
/// noise alone, a third that grow slowly, a third with a yearly step of 15 %. Then faults are planted in each.
#[test]
fn simulated_histories() {
    let mut random = StdRng::seed_from_u64(20_261_130);
    let kinds: [(&str, Level); 3] = [
        ("noise", |mean, _| mean),
        ("growth", |mean, night| mean * (1.0 + 0.002 * night)),
        ("step", |mean, night| if night < 40.0 { mean } else { mean * 1.15 }),
    ];
    let (mut alarms, mut nights, mut disturbed) = ([0_u32; 3], [0_u32; 3], [0_u32; 3]);
    let faults = ["halved", "doubled", "rejected +10", "repaired +30", "ended +15"];
    // Apart by size: of 60 rows that come and go by chance 30 may be missing by chance.
    let (mut hits, mut planted) = ([[0_u32; 5]; 2], [[0_u32; 5]; 2]);
    let histories = if std::env::var_os("SLUSS_LONG").is_some() { 10_000 } else { 1_000 };
    for number in 0..histories {
        let kind = number % 3;
        // Contract databases have some dozens to some thousands of rows.
        let mean = 10_f64.powf(random.random_range(1.7..3.7));
        let shares = [random.random_range(0.0..0.02), random.random_range(0.0..0.1), random.random_range(0.0..0.01)];
        let (found, past) = play(&mut random, |night| kinds[kind].1(mean, night), shares, 60);
        alarms[kind] += found;
        nights[kind] += 50;
        disturbed[kind] += u32::from(found > 0);
        let now = kinds[kind].1(mean, 60.0);
        let [rejected, repaired, ended] = shares;
        for (fault, (to, shares)) in [
            (now / 2.0, shares),
            (now * 2.0, shares),
            (now, [rejected + 0.10, repaired, ended]),
            (now, [rejected, repaired + 0.30, ended]),
            (now, [rejected, repaired, ended + 0.15]),
        ]
        .into_iter()
        .enumerate()
        {
            let night = night(&mut random, to, shares);
            planted[usize::from(mean >= 100.0)][fault] += 1;
            hits[usize::from(mean >= 100.0)][fault] += u32::from(!guards(&night, &past).is_empty());
        }
    }
    let per_mille = |some: u32, all: u32| f64::from(some) * 1000.0 / f64::from(all);
    for (kind, (name, _)) in kinds.iter().enumerate() {
        let rate = per_mille(alarms[kind], nights[kind]);
        println!(
            "{name}: {} false alarms in {} nights ({rate:.3} per mille), {} histories disturbed",
            alarms[kind], nights[kind], disturbed[kind]
        );
        assert!(rate < 1.0, "{name}: {rate} per mille");
    }
    for (size, least, told) in [(0, 35.0, "50 to 100 rows"), (1, 95.0, "100 to 5,000 rows")] {
        for (fault, name) in faults.iter().enumerate() {
            let (found, all) = (hits[size][fault], planted[size][fault]);
            let rate = per_mille(found, all) / 10.0;
            println!("{told}, {name}: {found} of {all} found ({rate:.1} %)");
            assert!(rate > least, "{told}, {name}: {rate} %");
        }
    }
}
