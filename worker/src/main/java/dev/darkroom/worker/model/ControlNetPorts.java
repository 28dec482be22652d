package dev.darkroom.worker.model;

/// How the outputs of a ControlNet are named as inputs of the denoiser.
public final class ControlNetPorts {
    private static final String DOWN_OUT = "down_block_res_sample.";
    private static final String DOWN_IN = "down_block_additional_residuals.";
    private static final String MID_OUT = "mid_block_res_sample";
    private static final String MID_IN = "mid_block_additional_residual";

    private ControlNetPorts() {}

    /// The denoiser's input for this output.
    public static String residualOf(String output) {
        if (output.equals(MID_OUT)) {
            return MID_IN;
        }
        return output.startsWith(DOWN_OUT) ? DOWN_IN + output.substring(DOWN_OUT.length()) : output;
    }
}
