package dev.darkroom.protocol.client;

import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.job.JobId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/// Who follows which job, and which partitions must be read for them. Used by one thread.
final class Subscriptions {
    private final Map<JobId, List<Feed>> feeds = new HashMap<>();
    private final Map<Feed, Set<TopicPartition>> places = new HashMap<>();

    /// Adds a feed whose job's events lie in these partitions.
    void add(Feed feed, Set<TopicPartition> partitions) {
        feeds.computeIfAbsent(feed.job(), _ -> new ArrayList<>()).add(feed);
        places.put(feed, Set.copyOf(partitions));
    }

    /// Whether anybody follows the job of this record key.
    boolean follows(String key) {
        return JobId.LEGAL.matcher(key).matches() && feeds.containsKey(new JobId(key));
    }

    /// Gives an event to everybody who follows its job, and forgets the feeds that it ended.
    void deliver(JobEvent event) {
        List<Feed> followers = feeds.getOrDefault(event.header().job(), List.of());
        for (Feed feed : List.copyOf(followers)) {
            feed.offer(event);
            if (feed.isOver()) {
                remove(feed);
            }
        }
    }

    /// Forgets a feed; nothing happens when it is not known.
    void remove(Feed feed) {
        places.remove(feed);
        List<Feed> followers = feeds.get(feed.job());
        if (followers != null) {
            followers.remove(feed);
            if (followers.isEmpty()) {
                feeds.remove(feed.job());
            }
        }
    }

    /// Fails and forgets every feed.
    void failAll(DarkroomClientException error) {
        places.keySet().forEach(feed -> feed.fail(error));
        places.clear();
        feeds.clear();
    }

    /// Whether nobody follows anything.
    boolean isEmpty() {
        return places.isEmpty();
    }

    /// The partitions that somebody needs.
    Set<TopicPartition> partitions() {
        Set<TopicPartition> all = new HashSet<>();
        places.values().forEach(all::addAll);
        return all;
    }
}
