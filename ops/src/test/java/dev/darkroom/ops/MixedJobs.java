package dev.darkroom.ops;

import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobBuilder;
import java.util.List;
import java.util.stream.IntStream;

/// Jobs that differ in all that jobs of one run may differ in.
final class MixedJobs {
    private static final List<String> PROMPTS =
            List.of("a red apple", "a blue fish", "a panda", "a rocket", "a yellow star", "a tree");
    private static final List<String> SCHEDULERS =
            List.of("euler", "ddim", "dpmpp-2m", "pndm", "euler-ancestral", "dpmpp-2m-karras");

    private MixedJobs() {}

    /// `count` jobs of 8 to 11 steps, named `<name>-<number>`: always the same ones.
    static List<Job> of(String name, int count) {
        return of(name, count, 8);
    }

    /// The same with more steps, `leastSteps` or up to three more.
    static List<Job> of(String name, int count, int leastSteps) {
        return IntStream.range(0, count).mapToObj(i -> job(name, i, leastSteps)).toList();
    }

    private static Job job(String name, int i, int leastSteps) {
        JobBuilder job =
                Job.image("emoji", PROMPTS.get(i % PROMPTS.size()))
                        .id(name + "-" + i)
                        .seed(1000L + i)
                        .steps(leastSteps + i % 4)
                        // 1 is without guidance: one row for each output and step instead of two.
                        .guidance(i % 3 == 0 ? 5 : 1)
                        .scheduler(SCHEDULERS.get(i / 2 % SCHEDULERS.size()))
                        .count(i % 10 == 0 ? 2 : 1);
        return (i % 2 == 0 ? job : job.withoutPreview()).build();
    }
}
