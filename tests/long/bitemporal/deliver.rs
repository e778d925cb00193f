//! What is delivered: staged and published as a run of the program would.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use rand::Rng as _;
use sluss_pipeline::ledger::{NewRun, RunState};
use sluss_pipeline::register::{KeyKind, Publication, RegisterError, TableChange};

use super::model::Comes;
use super::world::{KINDS, content, date, key};
use super::{Delivery, KEYS, Plan, World};

impl World<'_> {
    pub(super) async fn begin(&mut self, owner: usize, mode: &str, replay_of: Option<String>) -> String {
        let id = format!("{}-{}", self.seed, self.runs);
        self.runs += 1;
        let owner = self.owner(owner);
        let run = NewRun {
            id: id.clone(),
            job: owner.clone(),
            owner,
            mode: mode.to_owned(),
            state: RunState::Running,
            input_digest: None,
            replay_of,
        };
        self.register.begin_run(&run).await.unwrap();
        id
    }

    /// Stages what a run of the program would: what differs, and sometimes what does not.
    pub(super) async fn stage(&mut self, run: &str, plan: &Plan) {
        let Delivery { owner, tables, came, .. } = &plan.delivery;
        let name = self.owner(*owner);
        for &table in tables {
            let kind = &KINDS[table];
            let current: Vec<_> =
                self.register.current_keys(kind.name, Some(&name)).await.unwrap().try_collect().await.unwrap();
            let current: BTreeMap<_, _> = current.into_iter().flat_map(|b| b.keys.into_iter().zip(b.hashes)).collect();
            let mut rows = Vec::new();
            let mut keys: BTreeMap<&str, Vec<[u8; 16]>> = BTreeMap::new();
            for n in 0..KEYS {
                let (id, comes) = (self.id(table, n), came.get(&(table, n)).unwrap_or(&Comes::Nothing));
                let hash = key(&id);
                match comes {
                    Comes::Row(row) if current.get(&hash) != Some(&content(row)) || self.random.random_bool(0.3) => {
                        rows.push((id, row.clone()));
                    }
                    Comes::Row(_) => keys.entry("fresh").or_default().push(hash),
                    Comes::Rejected => keys.entry("stale").or_default().push(hash),
                    Comes::Ended if current.contains_key(&hash) => keys.entry("ended").or_default().push(hash),
                    Comes::Ended | Comes::Nothing => {}
                }
            }
            if !rows.is_empty() {
                self.register.stage(run, kind.name, &kind.batch(&name, &rows)).await.unwrap();
            }
            for (why, keys) in keys {
                let kinds = match why {
                    "fresh" => KeyKind::Fresh,
                    "stale" => KeyKind::Stale,
                    _ => KeyKind::Ended,
                };
                self.register.stage_keys(run, kind.name, &keys, kinds).await.unwrap();
            }
        }
    }

    pub(super) async fn publication(&self, run: &str, plan: &Plan) -> Publication {
        let owner = self.owner(plan.delivery.owner);
        let change = |table: &usize| TableChange { table: KINDS[*table].name.to_owned(), complete: plan.complete };
        Publication {
            run: run.to_owned(),
            job: owner.clone(),
            owner,
            base: self.register.base().await.unwrap(),
            effective: date(plan.effective),
            mapping: "m".to_owned(),
            tables: plan.delivery.tables.iter().map(change).collect(),
            replay_of: plan.replay_of.clone(),
            ..Publication::default()
        }
    }

    pub(super) async fn publish(&mut self, mut plan: Plan) {
        let run = self.begin(plan.delivery.owner, plan.delivery.mode, plan.replay_of.clone()).await;
        self.stage(&run, &plan).await;
        let publication = self.publication(&run, &plan).await;
        self.log.push((
            None,
            format!(
                "{run}{}: {} of owner {}, day {}, complete {}, tables {:?}",
                plan.replay_of.as_ref().map(|of| format!(" (replay of {of})")).unwrap_or_default(),
                plan.delivery.mode,
                plan.delivery.owner,
                plan.effective,
                plan.complete,
                plan.delivery.tables
            ),
        ));
        let published = self.register.publish(&publication).await;
        let published = published.unwrap_or_else(|e| panic!("{e:?}\n{}", self.story(None)));
        // Once more, as after a lost answer: nothing more happens.
        if self.random.random_bool(0.1) {
            assert_eq!(self.register.publish(&publication).await.unwrap(), published, "{}", self.story(None));
        }
        self.play(&plan, &published);
        self.compare(&published).await;
        if plan.replay_of.is_none() {
            plan.delivery.run = run;
            self.deliveries.push(plan.delivery);
        }
    }

    /// Another owner's key is nobody else's to publish: the whole publication is refused.
    pub(super) async fn trespass(&mut self) {
        let mut held = (0..KINDS.len()).flat_map(|table| (0..KEYS).map(move |n| (table, n)));
        let held = held.find(|(table, n)| !KINDS[*table].owned && self.keys[*table][*n].owner().is_some());
        let Some((table, n)) = held else { return };
        let owner = 1 - self.keys[table][n].owner().unwrap();
        let row = self.draw(&KINDS[table], None);
        let came = BTreeMap::from([((table, n), Comes::Row(row))]);
        let delivery =
            Delivery { run: String::new(), number: self.runs, owner, mode: "incremental", tables: vec![table], came };
        let plan = Plan { delivery, effective: self.day, replay_of: None, complete: false };
        let run = self.begin(owner, "incremental", None).await;
        self.stage(&run, &plan).await;
        let publication = self.publication(&run, &plan).await;
        let refused = self.register.publish(&publication).await.unwrap_err();
        assert!(matches!(refused, RegisterError::Foreign { rows: 1, .. }), "{refused:?}\n{}", self.story(None));
        self.register.end_run(&run, RunState::Failed, None, None).await.unwrap();
        assert_eq!(self.register.base().await.unwrap(), publication.base);
    }
}
