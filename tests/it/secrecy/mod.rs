//! Secrecy at every outlet: a canary for each status and class, searched for in all that the program
//! writes and says. Nothing leaves without clearance; what is cleared does leave.

mod canaries;
mod decisions;
mod names;
mod opened;
mod refused;
mod statuses;
mod world;
