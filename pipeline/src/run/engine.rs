//! The engine: an opened project, and the one path by which every job runs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use futures::stream::BoxStream;
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::clock::Clock;
use sluss_schemas::landing::{Landing, NoLanding};
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use sluss_schemas::secrecy::{CONTRACT, Status};
use sluss_schemas::secret::Secrets;
use sluss_schemas::table::Class;
use tracing::Instrument;
use uuid::Uuid;

use super::extract::{self, Chunks, Extracted};
use super::known::{Known, RunLookups};
use super::outcome::{Outcome, RunState};
use super::publish::Publishing;
use super::quarantined::Quarantining;
use super::receipted::swedish_day;
use super::settle::{Settling, Standing, lost_rows};
use super::table::{self, MappingRows};
use super::traced::{Progress, Stations};
use super::window::Window;
use super::withheld::Withheld;
use crate::error::{PipelineError, Result};
use crate::fail;
use crate::job::{Environment, Job, Mode, Project};
use crate::keys::{Delivery, Kept, KeySet, Pseudonymiser, Purpose};
use crate::lake::{Closed, Lake, Projector, bond_of};
use crate::landing::{Incoming, Zone};
use crate::ledger::{Disagreement, NewRun, RunState as LedgerState};
use crate::map::{Filters, Lookups, prepare};
use crate::quarantine::Quarantine;
use crate::receipt::Signer;
use crate::register::{Register, Rekeying};
use crate::validate::Validator;

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Publish.
    Publish,
    /// Say what would be published; write nothing.
    Plan,
}

/// What a run may do besides.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Read from the beginning, whatever the cursor says.
    pub full: bool,
    /// Publish although a guard would hold the delivery: who decided, and why.
    pub believe: Option<String>,
    /// The run whose landed input this is.
    pub replay_of: Option<String>,
    /// The run's id, where the ledger has it already: what is handed in gets its run when it comes.
    pub begun: Option<String>,
    /// The id that the run is to have, where its caller has told of it before it begins.
    pub id: Option<String>,
    /// The source gives what has arrived since the cursor: it is given its cursor also where each delivery
    /// is a whole, and where nothing has arrived there is no delivery to hold.
    pub arrivals: bool,
}

/// An opened project: everything that runs share.
pub struct Engine {
    /// The project's files.
    pub project: Arc<Project>,
    /// Register and ledger.
    pub register: Arc<dyn Register>,
    /// The lake.
    pub lake: Lake,
    /// The encrypted landing zone.
    pub zone: Zone,
    /// Rejected rows, encrypted.
    pub quarantine: Quarantine,
    /// Secrets by name.
    pub secrets: Arc<dyn Secrets>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Signs what regions are told; none without a key for it.
    pub signer: Option<Signer>,
    pub(super) pseudonyms: KeySet,
    pub(super) known: Known,
    /// Runs that feed the same table for the same owner wait for each other within this process;
    /// between processes the publishing transaction refuses the later one.
    pub(super) feeding: Feeding,
}

/// A table and an owner.
type TableOfOwner = (String, String);
/// Held while a run feeds it.
type Lock = Arc<tokio::sync::Mutex<()>>;

/// One lock for each table and owner that a run feeds.
#[derive(Default)]
pub(super) struct Feeding {
    locks: std::sync::Mutex<HashMap<TableOfOwner, Lock>>,
}

impl Feeding {
    /// Waits until no other run feeds any of `tables` for `owner`. Locks are taken in the order of
    /// their names, so that two runs never wait for each other.
    async fn enter(&self, owner: &str, tables: &[String]) -> Vec<tokio::sync::OwnedMutexGuard<()>> {
        let mut names = tables.to_vec();
        names.sort();
        names.dedup();
        let mut held = Vec::with_capacity(names.len());
        for table in names {
            let lock = {
                let mut locks = self.locks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                Arc::clone(locks.entry((table, owner.to_owned())).or_default())
            };
            held.push(lock.lock_owned().await);
        }
        held
    }
}

impl Engine {
    /// Runs `job` on what `deliver` gives for its cursor and a landing zone.
    ///
    /// # Errors
    ///
    /// Whatever stops the run as a whole; rows that are wrong are data. The run is then noted as
    /// failed, nothing of it is published and its staged rows are swept.
    pub async fn run(
        &self,
        job: &Job,
        intent: Intent,
        deliver: impl FnOnce(Option<Cursor>, Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>>,
        options: RunOptions,
        progress: &dyn Progress,
    ) -> Result<Outcome> {
        let run = options.begun.clone().or_else(|| options.id.clone()).unwrap_or_else(new_run);
        let span = tracing::info_span!("run", run, job = job.name, owner = job.file.job.owner, otel.name = job.name);
        let stations = Stations::new(progress, span.clone());
        let running = async {
            let done = self.run_as(run, job, intent, deliver, options, &stations).await;
            stations.end();
            done
        };
        running.instrument(span).await
    }

    async fn run_as(
        &self,
        run: String,
        job: &Job,
        intent: Intent,
        deliver: impl FnOnce(Option<Cursor>, Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>>,
        options: RunOptions,
        progress: &dyn Progress,
    ) -> Result<Outcome> {
        let _alone = self.feeding.enter(&job.file.job.owner, &job.file.job.feeds).await;
        let dry = intent == Intent::Plan;
        if !dry && options.begun.is_none() {
            let begun = NewRun {
                id: run.clone(),
                job: job.name.clone(),
                owner: job.file.job.owner.clone(),
                mode: job.file.job.mode.name().to_owned(),
                state: LedgerState::Running,
                input_digest: None,
                replay_of: options.replay_of.clone(),
            };
            self.register.begin_run(&begun).await?;
        }
        tracing::info!(full = options.full, dry, "the run begins");
        let result = self.deliver(job, &run, dry, deliver, &options, progress).await;
        match &result {
            Ok(outcome) => tracing::info!(
                state = ?outcome.state, rows = outcome.balance.rows_in, rejected = outcome.balance.rejected,
                publication = outcome.publish_seq, "the run has ended"
            ),
            Err(error) => tracing::warn!(retry = error.retry, "the run failed: {}", error.what),
        }
        if let Err(error) = &result
            && !dry
        {
            // The first error is the one to tell, whether or not this can be noted.
            let _ = self.register.end_run(&run, LedgerState::Failed, Some(&error.told(Language::Swedish)), None).await;
        }
        result
    }

    async fn deliver(
        &self,
        job: &Job,
        run: &str,
        dry: bool,
        deliver: impl FnOnce(Option<Cursor>, Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>>,
        options: &RunOptions,
        progress: &dyn Progress,
    ) -> Result<Outcome> {
        self.catch_up().await?;
        self.same_pseudonyms().await?;
        let today = self.today();
        let base = self.register.base().await?;
        // A snapshot is always the whole: only what is new is asked for where absence means nothing, or where
        // what is new is a whole.
        let from_start = options.full || (job.file.job.mode == Mode::Snapshot && !options.arrivals);
        let cursor = if from_start { None } else { self.register.cursor(&job.name).await?.map(Cursor) };
        let goes_on = cursor.is_some();
        let incoming = if dry { None } else { Some(self.begin_landing(job, run)?) };
        let landing: Arc<dyn Landing> = match &incoming {
            Some(incoming) => Arc::new(incoming.clone()),
            None => Arc::new(NoLanding),
        };
        progress.station("hämtar");
        let (schema, chunks) = Chunks::begin(deliver(cursor, landing)).await?;
        let mut quarantine = Quarantining::begin(self, job, run, dry)?;
        let lookups = self.lookups().await?;

        let mut settled = Vec::new();
        let mut extracted = Extracted::default();
        let mut followed = None;
        if let Some(schema) = schema {
            let as_lookups: Arc<dyn Lookups> = Arc::clone(&lookups) as Arc<dyn Lookups>;
            let filters = Filters::compile(&job.file.filter, &schema, &as_lookups)?;
            let window = Window::new(!self.source_stays(job));
            let (mut inlets, mut tasks) = (Vec::new(), Vec::new());
            for (name, sql) in &job.mappings {
                let table = self.table(name)?;
                let mapping = prepare(sql, &job.mapping_place(name), &table, &schema, &as_lookups).await?;
                let feeds = &job.file.job.feeds;
                let known = self.known.references(&table, feeds, &self.register, &self.project.tables).await?;
                let validator = Validator::new(
                    Arc::clone(&table),
                    Arc::clone(&lookups.codes),
                    known,
                    Arc::clone(&as_lookups),
                    today,
                    table.owned_by(&job.file.job.owner),
                );
                let (feed, rows) = MappingRows::split(mapping);
                inlets.push(feed);
                let one_per = job.file.map.one_per.get(name).cloned();
                tasks.push(table::spawn(rows, validator, window.clone(), one_per, self.project.file.secrecy));
            }
            followed = self.follow(job, &schema, &as_lookups).await?;
            let read = extract::run(chunks, &schema, &filters, inlets, &window, progress, &mut quarantine).await;
            let mut withheld = self.refused_before(job).await?;
            let mut tables = HashMap::new();
            for task in tasks {
                let mut run = task.await.map_err(|e| {
                    PipelineError::us(say!("arbetet med en tabell avbröts", "a table's task ended abruptly")).because(e)
                })??;
                withheld.join(std::mem::take(&mut run.withheld));
                tables.insert(run.table.name.clone(), run);
            }
            extracted = read?;
            fail::point("landad");
            progress.station("prövar");
            let standing = match &options.replay_of {
                None => Standing::Latest,
                Some(_) if self.register.is_outdated(run).await? => Standing::Outdated,
                Some(_) => Standing::Replayed,
            };
            let jobs = job.names();
            let mut settling = Settling {
                run,
                owner: &job.file.job.owner,
                jobs: &jobs,
                mode: job.file.job.mode,
                dry: dry || job.file.job.environment == Environment::Test,
                unread: extracted.account.unread > 0,
                standing,
                register: &self.register,
                lake: &self.lake,
                tables: &self.project.tables,
                withheld,
                parents: HashMap::new(),
            };
            for (name, is_parent) in self.parents_first(&job.file.job.feeds) {
                let Some(table) = tables.remove(&name) else { continue };
                let one_per = job.file.map.one_per.contains_key(&name);
                let done = settling.table(table, one_per, is_parent, &mut |rows| quarantine.rejected(rows)).await?;
                extracted.account.join(&done.account);
                settled.push(done);
            }
            fail::point("stegad");
            settled.sort_by_key(|s| job.file.job.feeds.iter().position(|f| *f == s.outcome.table));
        }
        quarantine.lost(&lost_rows(&mut extracted.account))?;
        let outcome = self.weigh(job, run, dry, &extracted, &settled, options, goes_on).await?;
        let outcome = Outcome { lineage: followed, ..outcome };
        let publishing =
            Publishing { engine: self, job, run, base, options, incoming: incoming.as_ref(), delivered: today };
        progress.station("publicerar");
        let outcome = publishing.finish(outcome, extracted, settled, quarantine).await?;
        if outcome.state == RunState::Done {
            progress.station("speglar");
            self.catch_up().await?;
        }
        Ok(outcome)
    }

    fn begin_landing(&self, job: &Job, run: &str) -> Result<Incoming> {
        self.land(&Delivery::new(&job.file.job.owner, run)?)
    }

    /// Where a delivery's original bytes go. A delivery that is there already is gone on with.
    pub fn land(&self, delivery: &Delivery) -> Result<Incoming> {
        Ok(self.zone.begin(delivery, self.kept(), self.clock.now())?)
    }

    /// Until when original bytes are kept; quarantine until it has been dealt with, or as long as is declared.
    pub(super) fn kept(&self) -> Kept {
        let days = i64::from(self.project.file.landing.retention_days);
        let until = |days: u32| self.clock.now() + TimeDelta::days(i64::from(days));
        Kept {
            landing_until: Some(self.clock.now() + TimeDelta::days(days)),
            quarantine_until: self.project.file.retention.quarantine_days.map(until),
        }
    }

    /// Brings the lake up to what the register has published, and to what is secret today.
    pub async fn catch_up(&self) -> Result<usize> {
        if self.register.pending_manifests().await?.is_empty() {
            let closed = Closed::of(&self.register, self.today()).await?;
            if !self.projector().is_behind(&closed).await? {
                return Ok(0);
            }
        }
        let _alone = self.register.lock_lake().await?;
        self.projector().catch_up().await
    }

    pub(crate) fn projector(&self) -> Projector<'_> {
        Projector { lake: &self.lake, register: &self.register, tables: &self.project.tables, today: self.today() }
    }

    /// Where ledger, register and lake do not say the same. Reads everything that is published.
    pub async fn disagreements(&self) -> Result<Vec<Disagreement>> {
        let _alone = self.register.lock_lake().await?;
        let base = self.register.base().await?;
        let mut found = self.register.audit().await?;
        found.extend(self.projector().disagreements(base).await?);
        Ok(found)
    }

    /// The day in Sweden.
    pub fn today(&self) -> NaiveDate {
        swedish_day(self.clock.now())
    }

    /// A table by its name.
    pub fn table(&self, name: &str) -> Result<Arc<sluss_schemas::table::Table>> {
        let table = self.project.tables.get(name);
        table.cloned().map(Arc::new).ok_or_else(|| {
            PipelineError::configuration(say!(
                "det finns ingen nationell tabell {name}",
                "there is no national table {name}"
            ))
            .hint(match self.project.tables.nearest(name) {
                Some(near) => say!("menade du {near}?", "did you mean {near}?"),
                None => say!("`sluss docs tabeller` visar dem", "`sluss docs tabeller` lists them"),
            })
        })
    }

    pub(super) async fn lookups(&self) -> Result<Arc<RunLookups>> {
        Ok(Arc::new(RunLookups {
            codes: self.known.codes(&self.register).await?,
            orgnr: Pseudonymiser::new(&self.pseudonyms, Purpose::Orgnr)?,
            contact: Pseudonymiser::new(&self.pseudonyms, Purpose::Vardkontakt)?,
            other: Pseudonymiser::new(&self.pseudonyms, Purpose::Other("mappning"))?,
        }))
    }

    /// Refuses to go on where the register's keyed hashes are of another version than the key's newest: the
    /// same sole trader would be two.
    async fn same_pseudonyms(&self) -> Result<()> {
        let (current, noted) =
            (self.pseudonyms.current(), self.register.pseudonym_version(self.pseudonyms.current()).await?);
        if current == noted {
            return Ok(());
        }
        let hint = if noted < current {
            say!(
                "kör `sluss keys rotate`: registret räknas om till den nya versionen",
                "run `sluss keys rotate`: the register is brought to the new version"
            )
        } else {
            say!(
                "lägg tillbaka version {noted} i hemligheten, med alla äldre",
                "put version {noted} back into the secret, with all older ones"
            )
        };
        Err(PipelineError::configuration(say!(
            "pseudonymnyckelns nyaste version är {current}, registrets hashvärden har version {noted}",
            "the pseudonym key's newest version is {current}, the register's hashes are of version {noted}"
        ))
        .hint(hint))
    }

    /// Brings the register's keyed hashes to the newest version of their key, and the lake after it. Whether
    /// there was anything to do. Can be repeated, and taken up after a crash.
    pub async fn rekey(&self) -> Result<bool> {
        let unfinished = self.finish_erasures().await?;
        let pseudonyms = Pseudonymiser::new(&self.pseudonyms, Purpose::Orgnr)?;
        let id = new_run();
        let to =
            Rekeying { id: &id, version: self.pseudonyms.current(), rekey: &|stored| pseudonyms.rekey(stored).ok() };
        let Some(rest) = self.register.rekey(&to).await? else { return Ok(unfinished > 0) };
        self.erase(&rest).await?;
        Ok(true)
    }

    /// The newest version of the pseudonym key.
    pub fn pseudonym_version(&self) -> u32 {
        self.pseudonyms.current()
    }

    /// The keyed hash that stands for a sole trader's number.
    pub(crate) fn pseudonym_of(&self, orgnr: &str) -> Result<String> {
        Ok(Pseudonymiser::new(&self.pseudonyms, Purpose::Orgnr)?.hash(orgnr))
    }

    /// Whether the source's own rows stay in the landing zone: a table that the job feeds says that they
    /// are persons'.
    pub(super) fn source_stays(&self, job: &Job) -> bool {
        let tables = job.file.job.feeds.iter().filter_map(|name| self.project.tables.get(name));
        tables.into_iter().any(|table| table.source_class != Class::Oppen)
    }

    /// The code systems as they are now.
    pub async fn codes(&self) -> Result<Arc<sluss_schemas::code::CodeIndex>> {
        self.known.codes(&self.register).await
    }

    /// Contracts that are known to be refused, for a job that delivers what hangs on them and not the
    /// contracts themselves: where it delivers those, what it says of them now is what holds.
    async fn refused_before(&self, job: &Job) -> Result<Withheld> {
        let (mut withheld, feeds) = (Withheld::default(), &job.file.job.feeds);
        let bonded =
            |name: &String| self.project.tables.get(name).is_some_and(|t| !bond_of(t, &self.project.tables).is_none());
        if feeds.iter().any(|name| name == CONTRACT) || !feeds.iter().any(bonded) {
            return Ok(withheld);
        }
        for standing in self.register.secrecy(self.today(), true).await? {
            if standing.status == Status::Withheld {
                withheld.add(&standing.lanskod, &standing.avtals_id);
            }
        }
        Ok(withheld)
    }

    /// The feeds with parents before children, and whether others of them point at each; what hangs on
    /// contracts before what does not, since a source row that is withheld there is withheld everywhere.
    fn parents_first(&self, feeds: &[String]) -> Vec<(String, bool)> {
        let parent =
            |name: &str| self.project.tables.get(name).and_then(|t| t.parent.as_ref()).map(|p| p.table.clone());
        let mut done: HashSet<String> = HashSet::new();
        let mut order = Vec::new();
        while order.len() < feeds.len() {
            let before = order.len();
            for name in feeds {
                let waits = parent(name).is_some_and(|p| p != *name && feeds.contains(&p) && !done.contains(&p));
                if !waits && done.insert(name.clone()) {
                    let is_parent = feeds.iter().any(|child| parent(child).as_deref() == Some(name));
                    order.push((name.clone(), is_parent));
                }
            }
            if order.len() == before {
                break;
            }
        }
        order.sort_by_key(|(name, _): &(String, bool)| {
            self.project.tables.get(name).is_none_or(|table| bond_of(table, &self.project.tables).is_none())
        });
        order
    }
}

/// A new run's id. Ids grow with time.
pub fn new_run() -> String {
    Uuid::now_v7().to_string()
}
