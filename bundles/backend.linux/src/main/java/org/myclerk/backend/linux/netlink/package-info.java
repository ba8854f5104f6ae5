/** Conversations with the kernel over netlink(7). */
package org.myclerk.backend.linux.netlink;
