package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.Guides;

/// What a job wants of a model, by the pictures that it brings.
enum Task {
    /// From noise.
    TEXT_TO_IMAGE("text to image"),
    /// From a picture that is noised in part: Meng et al. 2021 ("SDEdit").
    IMAGE_TO_IMAGE("image to image"),
    /// The part of a picture that a mask shows: Lugmayr et al. 2022 ("RePaint"), without its
    /// resampling.
    INPAINTING("inpainting");

    private final String words;

    Task(String words) {
        this.words = words;
    }

    /// The task of these pictures.
    static Task of(Guides guides) {
        if (guides.mask() != null) {
            return INPAINTING;
        }
        return guides.init() != null ? IMAGE_TO_IMAGE : TEXT_TO_IMAGE;
    }

    /// For messages.
    @Override
    public String toString() {
        return words;
    }
}
