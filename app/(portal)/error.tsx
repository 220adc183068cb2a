"use client";

export { FaultInFrame as default } from "@/components/shell/frame";
