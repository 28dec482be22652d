package dev.darkroom.worker.input;

import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Where a job's inputs may lie and how large they may be.
///
/// @param buckets that `s3://` inputs may come from
/// @param hosts that `https://` inputs may come from
/// @param privateHosts those that may lead to addresses that are not public; they need not be among
///   `hosts` as well
/// @param sizes how large inputs may be
/// @param times how long `https://` inputs may take
public record InputRules(
        Set<String> buckets,
        List<HostPattern> hosts,
        List<HostPattern> privateHosts,
        Sizes sizes,
        Times times) {
    /// Copies the collections.
    public InputRules {
        buckets = Set.copyOf(buckets);
        hosts = List.copyOf(hosts);
        privateHosts = List.copyOf(privateHosts);
    }

    /// How large inputs may be.
    ///
    /// @param bytes of one file
    /// @param side pixels of a picture's longer side
    /// @param pixels of all pictures of a job together
    public record Sizes(int bytes, int side, long pixels) {}

    /// How long `https://` inputs may take.
    ///
    /// @param download of one file, from the connection to the last byte
    /// @param patience how long a host that does not answer is tried again
    public record Times(Duration download, Duration patience) {}

    /// Everything about the addresses of a job's inputs that is wrong, without looking at what is
    /// there.
    public List<Violation> violations(Spec spec) {
        List<Violation> found = new ArrayList<>();
        for (Named input : Named.of(spec)) {
            Optional<String> legal;
            try {
                legal = legal(Location.of(input.uri()));
            } catch (IllegalArgumentException e) {
                legal = Optional.of(String.valueOf(e.getMessage()));
            }
            legal.ifPresent(
                    words -> found.add(new Violation(input.field(), input.uri().shown(), words)));
        }
        return found;
    }

    /// What would be legal in the place of a location that is not.
    private Optional<String> legal(Location location) {
        return switch (location) {
            case Location.S3Object(String bucket, String _) ->
                    buckets.contains(bucket)
                            ? Optional.empty()
                            : Optional.of(
                                    "an object in "
                                            + String.join(", ", new TreeSet<>(buckets))
                                            + "; the worker's setting inputs.buckets names more");
            case Location.Https https -> {
                if (matches(hosts, https) || mayBePrivate(https)) {
                    yield Optional.empty();
                }
                yield Optional.of(
                        hosts.isEmpty() && privateHosts.isEmpty()
                                ? "an s3:// address; https:// needs the worker's setting"
                                        + " inputs.hosts, which is empty"
                                : "one of the hosts that the worker's setting inputs.hosts names: "
                                        + shownHosts());
            }
        };
    }

    /// Whether the host may lead to addresses that are not public.
    boolean mayBePrivate(Location.Https https) {
        return matches(privateHosts, https);
    }

    private static boolean matches(List<HostPattern> patterns, Location.Https https) {
        return patterns.stream().anyMatch(host -> host.matches(https.host(), https.port()));
    }

    /// Every host that is allowed, as it may be written.
    private String shownHosts() {
        return Stream.concat(hosts.stream(), privateHosts.stream())
                .map(HostPattern::toString)
                .distinct()
                .collect(Collectors.joining(", "));
    }
}
