package dev.darkroom.protocol.job;

import dev.darkroom.protocol.failure.FailureCode;
import java.time.Instant;

/// One real failure of a job.
///
/// @param at when
/// @param worker where
/// @param code why
public record Attempt(Instant at, String worker, FailureCode code) {}
