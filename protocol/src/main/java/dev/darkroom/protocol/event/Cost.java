package dev.darkroom.protocol.event;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/// Where a job's time went.
///
/// @param stages wall time of each stage that the job went through, including waits for the device
/// @param deviceSeconds device time of the job's rows: of a shared run, the share of its rows
public record Cost(Map<Stage, Duration> stages, double deviceSeconds) {
    /// Copies the map, in the order of the stages.
    public Cost {
        Map<Stage, Duration> ordered = new EnumMap<>(Stage.class);
        ordered.putAll(stages);
        stages = java.util.Collections.unmodifiableMap(ordered);
    }
}
