//! A decision of the agency on a contract's secrecy: checked against the law, kept, and carried to the lake.

use arrow::array::{Array, AsArray};
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;
use futures::TryStreamExt;
use sluss_schemas::say;
use sluss_schemas::secrecy::{CONTRACT, Decision, Ground, Verdict};

use super::engine::Engine;
use crate::error::{PipelineError, Result};
use crate::register::{Believed, Question, Standing};

impl Engine {
    /// How the contract stands today. None where the register does not have it.
    pub async fn standing(&self, lanskod: &str, avtals_id: &str) -> Result<Option<Standing>> {
        let all = self.register.secrecy(self.today(), false).await?;
        Ok(all.into_iter().find(|s| s.lanskod == lanskod && s.avtals_id == avtals_id))
    }

    /// Keeps a decision, with the day on which it ends computed where it names none, and brings the lake
    /// up to it. The register's views follow at once.
    ///
    /// # Errors
    ///
    /// A contract that is not registered; secrecy without a ground, for longer than the ground allows, or
    /// without a day where none can be computed.
    pub async fn decide(&self, mut decision: Decision) -> Result<Decision> {
        let (lanskod, avtals_id) = (decision.lanskod.clone(), decision.avtals_id.clone());
        if self.standing(&lanskod, &avtals_id).await?.is_none() {
            return Err(PipelineError::configuration(say!(
                "registret har inget avtal {lanskod}/{avtals_id}",
                "the register has no contract {lanskod}/{avtals_id}"
            ))
            .hint(say!(
                "`sluss secrecy list --all` visar alla avtal",
                "`sluss secrecy list --all` lists all contracts"
            )));
        }
        if decision.decided > self.today() {
            return Err(PipelineError::configuration(say!(
                "beslutsdagen har inte kommit än",
                "the day of the decision has not come yet"
            ))
            .hint(say!("ange dagen då beslutet fattades med --on", "name the day of the decision with --on")));
        }
        if decision.status == Verdict::Hemlig {
            decision.until = Some(self.end_of_secrecy(&decision).await?);
        } else if decision.until.is_some() {
            return Err(PipelineError::configuration(say!(
                "en slutdag hör bara till beslutet hemlig",
                "an end belongs to the decision hemlig alone"
            ))
            .hint(say!("ta bort --until", "leave out --until")));
        }
        self.register.decide_secrecy(&decision).await?;
        self.catch_up().await?;
        Ok(decision)
    }

    async fn end_of_secrecy(&self, decision: &Decision) -> Result<NaiveDate> {
        let Some(text) = decision.ground.as_deref().filter(|text| !text.trim().is_empty()) else {
            return Err(PipelineError::configuration(say!(
                "ett avtal är inte hemligt utan lagrum",
                "a contract is not secret without a ground in law"
            ))
            .hint(say!("ange det: --ground \"OSL 25:17 b\"", "name it: --ground \"OSL 25:17 b\"")));
        };
        let ground = Ground::read(text);
        let signed = self.signed(&decision.lanskod, &decision.avtals_id).await?;
        match (decision.until, ground.ends(signed)) {
            (Some(until), _) if until <= self.today() => Err(PipelineError::configuration(say!(
                "slutdagen har redan varit: avtalet vore öppet",
                "the end has been already: the contract would be open"
            ))
            .hint(say!(
                "ange första dagen som avtalet är öppet, eller besluta oppen",
                "name the first open day, or decide oppen"
            ))),
            (Some(until), Some(limit)) if until > limit => Err(PipelineError::configuration(say!(
                "{text} gäller längst till och med dagen före {limit}",
                "{text} holds no longer than to the day before {limit}"
            ))
            .hint(say!("ange en tidigare dag, eller ingen", "name an earlier day, or none"))),
            (Some(until), _) | (None, Some(until)) if until > self.today() => Ok(until),
            (None, Some(limit)) => Err(PipelineError::configuration(say!(
                "{text} har upphört för avtalet: det är öppet från {limit}",
                "{text} has ended for the contract: it is open since {limit}"
            ))
            .hint(say!("pröva mot OSL 25:17 b, eller besluta oppen", "test it under OSL 25:17 b, or decide oppen"))),
            (_, _) => Err(PipelineError::configuration(say!(
                "slutdagen går inte att räkna fram: dagen då avtalet ingicks är okänd, eller lagrummet har ingen egen tid",
                "the end cannot be computed: the day that the contract was entered is unknown, or the ground has no time of its own"
            ))
            .hint(say!("bestäm den själv med --until", "decide it yourself with --until"))),
        }
    }

    /// The day on which the contract was entered, where the region has said so.
    async fn signed(&self, lanskod: &str, avtals_id: &str) -> Result<Option<NaiveDate>> {
        for believed in [Believed::Current, Believed::Now] {
            let question = Question {
                table: CONTRACT.to_owned(),
                columns: Some(vec!["tecknat".to_owned()]),
                believed,
                equal: vec![("lanskod".to_owned(), lanskod.to_owned()), ("avtals_id".to_owned(), avtals_id.to_owned())],
                ..Question::default()
            };
            let mut rows = self.register.read(&question).await?;
            while let Some(batch) = rows.try_next().await? {
                let days = batch.column(0).as_primitive_opt::<Date32Type>();
                if let Some(day) = days.filter(|days| !days.is_empty() && !days.is_null(0)) {
                    return Ok(day.value_as_date(0));
                }
            }
        }
        Ok(None)
    }
}
