//! The timetable on both databases: planned once, claimed once, ended once, whatever is lost on the way.

use chrono::{DateTime, TimeDelta, Utc};

use super::harness::{self, Avtal, On, new_run};
use crate::ledger::{
    Claim, Claimed, End, NewOccasion, Occasion, OccasionFilter, OccasionKind, OccasionState, Plan, Planned, Recovery,
    RunState,
};
use crate::register::{Publication, RegisterError};
use sluss_schemas::clock::Clock as _;
use sluss_schemas::say;

const LEASE: TimeDelta = TimeDelta::minutes(1);
const GRACE: TimeDelta = TimeDelta::seconds(10);

impl On {
    /// Enters the job and plans one time of it, now.
    async fn due(&self, job: &str) -> Occasion {
        let now = self.clock.now();
        self.register.enter_jobs(&[(job.to_owned(), None)], now - TimeDelta::hours(1)).await.unwrap();
        assert_eq!(self.register.plan(&[self.plan_of(job, &[now]).await]).await.unwrap(), [job]);
        self.open().await.into_iter().find(|occasion| occasion.job == job).unwrap()
    }

    async fn plan_of(&self, job: &str, times: &[DateTime<Utc>]) -> Plan {
        let states = self.register.job_states().await.unwrap();
        let from = states.into_iter().find(|state| state.job == job).unwrap().planned_until;
        let planned = |at: &DateTime<Utc>| Planned { due: *at, ready: *at, skipped: None };
        Plan {
            job: job.to_owned(),
            schedule: Some("0 0 2 * * *".to_owned()),
            from,
            until: self.clock.now(),
            pool: None,
            times: times.iter().map(planned).collect(),
        }
    }

    async fn open(&self) -> Vec<Occasion> {
        self.register.open_occasions().await.unwrap()
    }

    async fn occasion(&self, nr: u64) -> Occasion {
        let all = self.register.occasions(&OccasionFilter::default()).await.unwrap();
        all.into_iter().find(|occasion| occasion.nr == nr).unwrap()
    }

    async fn claim(&self, occasion: &Occasion, run: &str, holder: &str) -> Option<Claimed> {
        self.register.claim(&claim(occasion, run, holder)).await.unwrap()
    }

    async fn steps(&self, nr: u64) -> Vec<(Option<OccasionState>, OccasionState)> {
        self.register.occasion_steps(nr).await.unwrap().into_iter().map(|step| (step.from, step.to)).collect()
    }
}

fn claim(occasion: &Occasion, run: &str, holder: &str) -> Claim {
    Claim {
        nr: occasion.nr,
        run: new_run(run, &occasion.job, "22", None),
        holder: holder.to_owned(),
        time: LEASE,
        pool: occasion.pool.clone().map(|pool| (pool, 1)),
        beside: Vec::new(),
        even_paused: false,
    }
}

use OccasionState::{Done, Failed, Planned as Waits, Running};

super::everywhere! {
    async fn a_time_is_planned_once_and_run_once(on: On) {
        let occasion = on.due("avtal").await;
        // Another process that knew no more plans the same: it is told that it was not the first.
        let stale = Plan { from: on.clock.now() - TimeDelta::hours(1), ..on.plan_of("avtal", &[on.clock.now()]).await };
        assert!(on.register.plan(&[stale]).await.unwrap().is_empty());
        assert_eq!(on.open().await.len(), 1);

        let claimed = on.claim(&occasion, "r1", "one").await.unwrap();
        assert!(on.claim(&occasion, "r2", "two").await.is_none());
        assert_eq!(on.register.run("r1").await.unwrap().unwrap().state, RunState::Running);
        assert!(on.register.run("r2").await.unwrap().is_none(), "what was not taken has no run");
        on.register.end_run("r1", RunState::Done, None, None).await.unwrap();
        assert!(on.register.end_occasion(&claimed, &End::Done).await.unwrap());
        assert!(!on.register.end_occasion(&claimed, &End::Failed("igen".into())).await.unwrap(), "it ends once");
        assert_eq!(on.steps(occasion.nr).await, [(None, Waits), (Some(Waits), Running), (Some(Running), Done)]);
        let last = on.register.last_occasions().await.unwrap();
        assert_eq!(last.iter().map(|o| (o.nr, o.state)).collect::<Vec<_>>(), [(occasion.nr, Done)]);
    }

    async fn a_run_that_failed_waits_for_its_time_and_is_given_up_in_the_end(on: On) {
        let occasion = on.due("avtal").await;
        let claimed = on.claim(&occasion, "r1", "one").await.unwrap();
        on.register.end_run("r1", RunState::Failed, Some("nej"), None).await.unwrap();
        let again = on.clock.now() + TimeDelta::minutes(1);
        assert!(on.register.end_occasion(&claimed, &End::Again("nej".into(), again)).await.unwrap());
        let waiting = on.occasion(occasion.nr).await;
        assert_eq!((waiting.state, waiting.failures, waiting.reason.as_deref()), (Waits, 1, Some("nej")));
        assert_eq!(waiting.ready.timestamp_micros(), again.timestamp_micros());
        let claimed = on.claim(&waiting, "r2", "two").await.unwrap();
        on.register.end_run("r2", RunState::Failed, Some("nej"), None).await.unwrap();
        assert!(on.register.end_occasion(&claimed, &End::Failed("nej".into())).await.unwrap());
        assert_eq!((on.occasion(occasion.nr).await.state, on.occasion(occasion.nr).await.failures), (Failed, 2));
        assert!(on.open().await.is_empty());
    }

    async fn a_claim_whose_answer_was_lost_runs_out(on: On) {
        // The database went away in the claim's commit: the process knows nothing of what it has.
        let occasion = on.due("avtal").await;
        on.claim(&occasion, "r1", "one").await.unwrap();
        on.clock.advance(LEASE / 2);
        assert!(on.register.renew_leases("one", &[], LEASE).await.unwrap().is_empty());
        on.clock.advance(LEASE / 2 + TimeDelta::seconds(1));
        let recovered = on.register.recover("one", GRACE).await.unwrap();
        assert_eq!(recovered.iter().map(|r| (r.nr, r.recovery)).collect::<Vec<_>>(), [(occasion.nr, Recovery::Waits)]);
        assert!(on.claim(&on.occasion(occasion.nr).await, "r2", "one").await.is_some());
    }

    async fn a_process_that_sleeps_over_its_lease_cannot_publish_when_it_wakes(on: On) {
        let occasion = on.due("avtal").await;
        let asleep = on.claim(&occasion, "r1", "one").await.unwrap();
        let rows = [Avtal::new("A", "t", "d", 10, None)];
        let late = on.stage("r1", "22", 100, &rows, &[]).await.unwrap();
        let late = Publication { fence: Some(asleep.fence), ..late };
        assert!(on.register.recover("two", GRACE).await.unwrap().is_empty(), "its lease holds");
        assert_eq!(on.register.renew_leases("one", &[occasion.nr], LEASE).await.unwrap(), [("avtal".to_owned(), asleep.fence)]);

        on.clock.advance(LEASE + TimeDelta::seconds(1));
        let recovered = on.register.recover("two", GRACE).await.unwrap();
        assert_eq!(recovered.iter().map(|r| (r.holder.as_str(), r.recovery)).collect::<Vec<_>>(), [("one", Recovery::Waits)]);
        assert!(on.register.recover("three", GRACE).await.unwrap().is_empty(), "it is taken back once");
        assert!(on.register.renew_leases("one", &[occasion.nr], LEASE).await.unwrap().is_empty());
        assert_eq!(on.register.run("r1").await.unwrap().unwrap().state, RunState::Failed);

        let refused = on.register.publish(&late).await.unwrap_err();
        assert!(matches!(refused, RegisterError::RunState { .. } | RegisterError::Fenced(_)), "{refused:?}");
        assert!(!on.register.end_occasion(&asleep, &End::Done).await.unwrap());
        let again = on.claim(&on.occasion(occasion.nr).await, "r2", "two").await.unwrap();
        assert!(again.fence > asleep.fence);
        let now = on.stage("r2", "22", 100, &rows, &[]).await.unwrap();
        on.register.publish(&Publication { fence: Some(again.fence), ..now }).await.unwrap();
        assert!(on.register.end_occasion(&again, &End::Done).await.unwrap());
        assert_eq!(on.register.base().await.unwrap(), 1, "published once");
    }

    async fn a_run_that_published_before_its_process_was_lost_is_not_run_again(on: On) {
        let occasion = on.due("avtal").await;
        let lost = on.claim(&occasion, "r1", "one").await.unwrap();
        let publication = on.stage("r1", "22", 100, &[Avtal::new("A", "t", "d", 10, None)], &[]).await.unwrap();
        on.register.publish(&Publication { fence: Some(lost.fence), ..publication }).await.unwrap();
        on.clock.advance(GRACE + TimeDelta::seconds(1));
        let recovered = on.register.recover("two", GRACE).await.unwrap();
        assert_eq!(recovered.iter().map(|r| r.recovery).collect::<Vec<_>>(), [Recovery::Noted(Done)]);
        assert!(on.open().await.is_empty());
        assert_eq!(on.occasion(occasion.nr).await.run.as_deref(), Some("r1"));
    }

    async fn a_job_that_loses_process_after_process_is_given_up(on: On) {
        let occasion = on.due("avtal").await;
        for (run, last) in [("r1", Recovery::Waits), ("r2", Recovery::Waits), ("r3", Recovery::GivenUp)] {
            on.claim(&on.occasion(occasion.nr).await, run, run).await.unwrap();
            on.clock.advance(LEASE + TimeDelta::seconds(1));
            assert_eq!(on.register.recover("other", GRACE).await.unwrap()[0].recovery, last);
        }
        let given_up = on.occasion(occasion.nr).await;
        assert_eq!((given_up.state, given_up.lost, given_up.failures), (Failed, 3, 0));
        assert!(on.register.recover("other", GRACE).await.unwrap().is_empty());
    }

    async fn limits_hold_in_all_processes_together(on: On) {
        let now = on.clock.now();
        let ask = |job: &str, pool: Option<&str>| NewOccasion {
            job: job.to_owned(),
            kind: OccasionKind::Manual,
            due: now,
            window: None,
            pool: pool.map(str::to_owned),
            by: Some("någon".into()),
            reason: None,
        };
        let all = [ask("a", Some("db")), ask("b", Some("db")), ask("c", None), ask("d", None)];
        assert_eq!(on.register.ask(&all).await.unwrap(), 4);
        assert_eq!(on.register.ask(&all).await.unwrap(), 0, "what is asked for twice is one");
        let open = on.open().await;
        let [a, b, c, d] = open.as_slice() else { panic!("{open:?}") };
        let first = on.claim(a, "r1", "one").await.unwrap();
        assert!(on.claim(b, "r2", "two").await.is_none(), "the pool takes one");
        on.claim(c, "r3", "two").await.unwrap();
        let beside = Claim { beside: vec!["c".into()], ..claim(d, "r4", "one") };
        assert!(on.register.claim(&beside).await.unwrap().is_none(), "c feeds the same table");
        on.register.end_run("r1", RunState::Held, None, None).await.unwrap();
        on.register.end_occasion(&first, &End::Held(Some("krympt".into()))).await.unwrap();
        assert!(on.claim(b, "r5", "two").await.is_some());
    }

    async fn a_paused_job_begins_nothing_unless_a_person_asks(on: On) {
        let occasion = on.due("avtal").await;
        assert!(on.register.pause_job("avtal", "drift", Some("källan byggs om")).await.unwrap());
        assert!(!on.register.pause_job("avtal", "drift", None).await.unwrap());
        assert!(on.claim(&occasion, "r1", "one").await.is_none());
        let asked = Claim { even_paused: true, ..claim(&occasion, "r1", "one") };
        let claimed = on.register.claim(&asked).await.unwrap().unwrap();
        let back = End::HandedBack(say!("stoppas", "stopping"));
        assert!(on.register.end_occasion(&claimed, &back).await.unwrap());
        on.register.end_run("r1", RunState::Failed, None, None).await.unwrap();
        assert!(on.register.resume_job("avtal").await.unwrap());
        let waiting = on.occasion(occasion.nr).await;
        assert_eq!((waiting.state, waiting.failures, waiting.lost), (Waits, 0, 0), "handed back is no failure");
        assert!(on.claim(&waiting, "r2", "two").await.is_some(), "the lease was given back");
    }

    async fn what_is_wrong_with_a_file_is_known_until_it_is_mended(on: On) {
        on.register.note_broken("avtal", Some("rad 3")).await.unwrap();
        let broken = on.register.job_states().await.unwrap().remove(0).broken.unwrap();
        on.clock.advance(TimeDelta::minutes(1));
        on.register.note_broken("avtal", Some("rad 4")).await.unwrap();
        let still = on.register.job_states().await.unwrap().remove(0).broken.unwrap();
        assert_eq!((still.0.as_str(), still.1), ("rad 4", broken.1));
        on.register.note_broken("avtal", None).await.unwrap();
        assert!(on.register.job_states().await.unwrap().remove(0).broken.is_none());
    }
}
