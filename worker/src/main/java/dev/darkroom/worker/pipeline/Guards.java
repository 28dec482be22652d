package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.worker.device.Evaluation;
import dev.darkroom.worker.media.ClipInput;
import dev.darkroom.worker.media.Degeneracy;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.model.LoadedModel;
import dev.darkroom.worker.model.ModelFolder;
import dev.darkroom.worker.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What stands between the last latents and the pictures that a job may deliver: the decoder, the
/// model's second decoder where the first one failed, and the model's safety checker.
///
/// @param model whose graphs run
/// @param codec the decoders' way in and out
record Guards(LoadedModel model, LatentCodec codec) {
    /// The pictures of latents `[n, C, h, w]`: each shown, or withheld with the reason.
    Media.Images pictures(FloatTensor latents) {
        List<Media.Image> images = decoded(latents);
        Optional<ClipInput> input = model.blueprint().folder().safetyChecker();
        if (input.isPresent()) {
            filter(images, input.get());
        }
        return new Media.Images(images);
    }

    private List<Media.Image> decoded(FloatTensor latents) {
        List<FloatTensor> pictures =
                Pictures.of(codec.decode(latents, model.graph(ModelFolder.DECODER)));
        List<Media.Image> images = new ArrayList<>();
        List<Integer> failed = new ArrayList<>();
        for (FloatTensor picture : pictures) {
            Media.Image image = Degeneracy.judge(picture);
            if (image instanceof Media.Withheld) {
                failed.add(images.size());
            }
            images.add(image);
        }
        if (!failed.isEmpty()) {
            again(images, failed, latents);
        }
        return images;
    }

    /// Decodes outputs anew whose values exceeded what the first decoder's precision can hold.
    private void again(List<Media.Image> images, List<Integer> failed, FloatTensor latents) {
        if (!model.blueprint().folder().has(ModelFolder.SECOND_DECODER)) {
            String none = ", and its model has no " + ModelFolder.SECOND_DECODER + " to try again";
            failed.forEach(i -> images.set(i, because(images.get(i), none)));
            return;
        }
        FloatTensor rows = FloatTensor.allocate(latents.shape().row().batchOf(failed.size()));
        for (int k = 0; k < failed.size(); k++) {
            int i = failed.get(k);
            rows.rows(k, k + 1).copyFrom(latents.rows(i, i + 1));
        }
        List<FloatTensor> pictures =
                Pictures.of(codec.decode(rows, model.graph(ModelFolder.SECOND_DECODER)));
        String still = ", also when decoded again with " + ModelFolder.SECOND_DECODER;
        for (int k = 0; k < failed.size(); k++) {
            images.set(failed.get(k), because(Degeneracy.judge(pictures.get(k)), still));
        }
    }

    private static Media.Image because(Media.Image image, String more) {
        return switch (image) {
            case Media.Shown shown -> shown;
            case Media.Withheld(FailureCode code, String reason) ->
                    new Media.Withheld(code, reason + more);
        };
    }

    /// Withholds the pictures that the safety checker refuses (`run_safety_checker` of the
    /// reference's `pipeline_stable_diffusion.py`, which makes them black instead).
    private void filter(List<Media.Image> images, ClipInput input) {
        List<Integer> shown = new ArrayList<>();
        List<FloatTensor> pictures = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            if (images.get(i) instanceof Media.Shown(FloatTensor picture)) {
                shown.add(i);
                pictures.add(picture);
            }
        }
        if (shown.isEmpty()) {
            return;
        }
        Evaluation evaluation =
                new Evaluation(
                        model.graph(ModelFolder.SAFETY_CHECKER),
                        shown.size(),
                        Map.of("clip_input", input.of(pictures)),
                        Map.of());
        codec.device().evaluate(evaluation);
        FloatTensor refused = evaluation.output("has_nsfw_concepts");
        for (int k = 0; k < shown.size(); k++) {
            if (refused.get(k) != 0) {
                images.set(
                        shown.get(k),
                        new Media.Withheld(
                                FailureCode.CONTENT_FILTERED,
                                "was refused by the model's safety checker"));
            }
        }
    }
}
