package dev.darkroom.protocol.job;

/// One ControlNet's part in a picture.
///
/// @param model name of the control network; `default` is the model folder's own
/// @param image the control picture
/// @param scale strength, 0 or more
/// @param start share of the steps after which it begins, 0 to 1
/// @param end share of the steps after which it stops, `start` to 1
public record Control(String model, InputUri image, double scale, double start, double end) {}
