/** What the package offers under `./fuzz`: fast-check arbitraries for property tests of an implementation. */
export {
  frame,
  int64,
  jsonValue,
  looseText,
  segmentation,
  submitRequest,
  submitResponse,
  taskResult,
  taskResultMessage,
  taskStatusUpdate,
  text,
} from './generate/arbitraries/protocol-types.ts';
