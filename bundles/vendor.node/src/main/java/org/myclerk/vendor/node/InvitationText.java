package org.myclerk.vendor.node;

/** An invitation as one line; {@code expires} in Unix seconds. */
public record InvitationText(String text, long expires) {
}
