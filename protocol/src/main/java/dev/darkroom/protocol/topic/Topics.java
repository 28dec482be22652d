package dev.darkroom.protocol.topic;

import java.util.regex.Pattern;

/// The topics and groups of one lane.
///
/// @param prefix put before every topic's name, for example `darkroom.`; may be empty
/// @param lane the pool of workers, [#DEFAULT_LANE] unless there are several
public record Topics(String prefix, String lane) {
    /// The lane that needs no suffix.
    public static final String DEFAULT_LANE = "default";

    /// The prefix unless another is configured.
    public static final String DEFAULT_PREFIX = "darkroom.";

    private static final Pattern LEGAL_PREFIX = Pattern.compile("[A-Za-z0-9._-]{0,100}");
    private static final Pattern LEGAL_LANE = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

    /// Refuses names that Kafka or the naming scheme does not allow.
    public Topics {
        if (!LEGAL_PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "topic prefix is '" + prefix + "'; legal: " + LEGAL_PREFIX.pattern());
        }
        if (!LEGAL_LANE.matcher(lane).matches() || lane.equals("resume") || lane.equals("retry")) {
            throw new IllegalArgumentException(
                    "lane is '"
                            + lane
                            + "'; legal: "
                            + LEGAL_LANE.pattern()
                            + ", not resume or retry");
        }
    }

    /// The default lane under the default prefix.
    public static Topics standard() {
        return new Topics(DEFAULT_PREFIX, DEFAULT_LANE);
    }

    /// Jobs of the lane.
    public String jobs() {
        return prefix + "jobs" + laneSuffix('.');
    }

    /// Jobs that were handed back, to go on before the backlog.
    public String resume() {
        return jobs() + ".resume";
    }

    /// Cancel commands, for every lane.
    public String commands() {
        return prefix + "commands";
    }

    /// Lifecycle events, of every lane.
    public String events() {
        return prefix + "events";
    }

    /// Progress events, of every lane.
    public String progress() {
        return prefix + "progress";
    }

    /// Worker status, of every lane.
    public String workers() {
        return prefix + "workers";
    }

    /// The share group whose members are the lane's job slots.
    public String shareGroup() {
        return "darkroom-workers" + laneSuffix('-');
    }

    /// The share group of the slots that take jobs which were handed back. A group of its own: a
    /// share group spreads the partitions of all its topics over its members, so that members of
    /// one group for both topics would each see only one of them.
    public String resumeGroup() {
        return shareGroup() + ".resume";
    }

    private String laneSuffix(char separator) {
        return lane.equals(DEFAULT_LANE) ? "" : separator + lane;
    }
}
