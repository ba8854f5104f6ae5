package org.myclerk.device.can;

/** Where a controller stands between taking part and being off (ISO 11898-1 fault confinement). */
public enum CanState { ERROR_ACTIVE, ERROR_WARNING, ERROR_PASSIVE, BUS_OFF, STOPPED, SLEEPING }
