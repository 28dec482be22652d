package dev.darkroom.worker.intake;

import dev.darkroom.protocol.topic.Topics;

/// Which of the lane's two queues a slot takes its jobs from.
///
/// One slot has one of them: a share group gives each of its members only some of the partitions
/// that all of them subscribe to, so a group for both would leave slots that see only one.
public enum Queue {
    /// New jobs.
    JOBS,
    /// Jobs that were handed back, for slots kept free for them: they never wait behind new ones.
    RESUME;

    /// The topic that is read.
    public String topic(Topics topics) {
        return switch (this) {
            case JOBS -> topics.jobs();
            case RESUME -> topics.resume();
        };
    }

    /// The share group that its slots are members of.
    public String group(Topics topics) {
        return switch (this) {
            case JOBS -> topics.shareGroup();
            case RESUME -> topics.resumeGroup();
        };
    }
}
