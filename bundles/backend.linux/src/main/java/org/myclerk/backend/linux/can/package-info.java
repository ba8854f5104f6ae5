/** CAN interfaces through SocketCAN and rtnetlink. */
package org.myclerk.backend.linux.can;
