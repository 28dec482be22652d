package dev.darkroom.worker;

import dev.darkroom.protocol.job.AudioSpec;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.job.VideoSpec;

/// Jobs with what they left open filled in.
final class Recipes {
    private Recipes() {}

    /// The job with these parameters, which leave nothing open.
    static Job filled(Job job, Spec parameters) {
        return new Job(
                job.specVersion(),
                job.id(),
                job.model(),
                parameters,
                job.output(),
                job.progress(),
                job.deadline(),
                job.maxAttempts(),
                job.labels());
    }

    /// What the job asks for, with a seed: where it names none, the one that follows from its id,
    /// so that every attempt draws the same.
    static Spec seeded(Job job) {
        Spec spec = job.spec();
        if (spec.outputs().seed() != null) {
            return spec;
        }
        Outputs outputs = new Outputs(spec.outputs().count(), Seed.derivedFrom(job.id()));
        return switch (spec) {
            case ImageSpec image ->
                    new ImageSpec(
                            image.prompt(),
                            outputs,
                            image.sampling(),
                            image.size(),
                            image.guides());
            case AudioSpec audio ->
                    new AudioSpec(
                            audio.prompt(),
                            outputs,
                            audio.sampling(),
                            audio.startSeconds(),
                            audio.seconds());
            case VideoSpec video ->
                    new VideoSpec(
                            video.prompt(),
                            outputs,
                            video.sampling(),
                            video.size(),
                            video.motion(),
                            video.guides());
        };
    }
}
