/// Descriptions of JSON values. One description, a [Shape], reads a value and reports all that is
/// wrong with it, writes it, and draws its JSON Schema, so that the three cannot disagree.
@NullMarked
package dev.darkroom.protocol.json;

import org.jspecify.annotations.NullMarked;
