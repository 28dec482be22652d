package dev.darkroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Started;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.topic.Topics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// What a lane's topic of lifecycle events says of its jobs.
final class Outcomes {
    private final Map<JobId, Terminal> ends = new HashMap<>();
    private final Map<JobId, Set<Wire>> wires = new HashMap<>();
    private final Map<JobId, Set<String>> starters = new HashMap<>();
    private final Map<JobId, Integer> starts = new HashMap<>();

    /// An event as it lies on the topic; repeats of one event are equal.
    private record Wire(Map<String, String> headers, String value) {}

    /// Reads the topic as it is now.
    static Outcomes of(Fleet fleet, Topics topics) {
        Outcomes outcomes = new Outcomes();
        fleet.all(topics.events()).forEach(outcomes::add);
        return outcomes;
    }

    private void add(ConsumerRecord<String, byte[]> record) {
        JobEvent event = Fleet.decoded(record);
        JobId job = event.header().job();
        if (event instanceof Terminal end) {
            ends.put(job, end);
            wires.computeIfAbsent(job, _ -> new HashSet<>())
                    .add(new Wire(Fleet.headers(record), HexFormat.of().formatHex(record.value())));
        }
        if (event instanceof Started) {
            starters.computeIfAbsent(job, _ -> new HashSet<>()).add(event.header().worker());
            starts.merge(job, 1, Integer::sum);
        }
    }

    /// Every job's end. That each has exactly one, repeats being the same to the byte, and that the
    /// same is in its manifest, is asserted here.
    Map<JobId, Terminal> onlyEnds(Fleet fleet) {
        assertThat(wires).allSatisfy((_, ways) -> assertThat(ways).hasSize(1));
        assertThat(ends)
                .allSatisfy(
                        (job, end) -> assertThat(fleet.manifest(job).terminal()).isEqualTo(end));
        return Map.copyOf(ends);
    }

    /// The ids of all terminal events, repeats counted once.
    List<String> terminalIds() {
        return wires.values().stream()
                .flatMap(Set::stream)
                .map(wire -> wire.headers().get("ce_id"))
                .toList();
    }

    /// How often a job was begun.
    int starts(JobId job) {
        return starts.getOrDefault(job, 0);
    }

    /// The jobs that more than one worker began.
    Set<JobId> redelivered() {
        return starters.entrySet().stream()
                .filter(job -> job.getValue().size() > 1)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }
}
