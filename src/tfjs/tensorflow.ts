/**
 * TensorFlow, the only import of `@tensorflow/tfjs-node` in this library. Types come from `@tensorflow/tfjs`, which is
 * always installed.
 */
import type * as Tfjs from '@tensorflow/tfjs';
import { install } from './install';
import { load } from './load';

/** tfjs on TensorFlow's C library: its functions, and its types, `tf.Tensor`. */
export const tf = load();
install(tf);

/**
 * The types of tfjs, so that `tf` is a namespace of types as tfjs itself is. A test holds the list against tfjs's; the inputs and
 * attributes of its kernels, and what only backends use, are left out.
 */
/* eslint-disable @typescript-eslint/no-namespace -- a namespace of types is what goes together with a value of its name */
export declare namespace tf {
  export type AdadeltaOptimizer = Tfjs.AdadeltaOptimizer;
  export type AdagradOptimizer = Tfjs.AdagradOptimizer;
  export type AdamOptimizer = Tfjs.AdamOptimizer;
  export type AdamaxOptimizer = Tfjs.AdamaxOptimizer;
  export type Attribute = Tfjs.Attribute;
  export type BackendTimingInfo = Tfjs.BackendTimingInfo;
  export type BackendValues = Tfjs.BackendValues;
  export type Callback = Tfjs.Callback;
  export type CallbackList = Tfjs.CallbackList;
  export type ClassWeight = Tfjs.ClassWeight;
  export type ClassWeightMap = Tfjs.ClassWeightMap;
  export type CustomCallback = Tfjs.CustomCallback;
  export type CustomCallbackArgs = Tfjs.CustomCallbackArgs;
  export type DataId = Tfjs.DataId;
  export type DataMover = Tfjs.DataMover;
  export type DataStorage<T> = Tfjs.DataStorage<T>;
  export type DataToGPUOptions = Tfjs.DataToGPUOptions;
  export type DataToGPUWebGLOption = Tfjs.DataToGPUWebGLOption;
  export type DataType = Tfjs.DataType;
  export type DataTypeFor<T extends number | string | boolean> = Tfjs.DataTypeFor<T>;
  export type DataTypeMap = Tfjs.DataTypeMap;
  export type DataValues = Tfjs.DataValues;
  export type EarlyStopping = Tfjs.EarlyStopping;
  export type EarlyStoppingCallbackArgs = Tfjs.EarlyStoppingCallbackArgs;
  export type Environment = Tfjs.Environment;
  export type ForwardFunc<T> = Tfjs.ForwardFunc<T>;
  export type GPGPUContext = Tfjs.GPGPUContext;
  export type GPGPUProgram = Tfjs.GPGPUProgram;
  export type GPUData = Tfjs.GPUData;
  export type GRUCellLayerArgs = Tfjs.GRUCellLayerArgs;
  export type GRULayerArgs = Tfjs.GRULayerArgs;
  export type GradConfig = Tfjs.GradConfig;
  export type GradFunc = Tfjs.GradFunc;
  export type GradSaveFunc = Tfjs.GradSaveFunc;
  export type GraphModel<Url extends string | io.IOHandler = string | io.IOHandler> = Tfjs.GraphModel<Url>;
  export type GraphNode = Tfjs.GraphNode;
  export type History = Tfjs.History;
  export type IAttrValue = Tfjs.IAttrValue;
  export type INameAttrList = Tfjs.INameAttrList;
  export type INodeDef = Tfjs.INodeDef;
  export type ITensor = Tfjs.ITensor;
  export type ITensorShape = Tfjs.ITensorShape;
  export type InferenceModel = Tfjs.InferenceModel;
  export type InputSpec = Tfjs.InputSpec;
  export type KernelBackend = Tfjs.KernelBackend;
  export type KernelConfig = Tfjs.KernelConfig;
  export type KernelDisposeFunc = Tfjs.KernelDisposeFunc;
  export type KernelFunc = Tfjs.KernelFunc;
  export type KernelSetupFunc = Tfjs.KernelSetupFunc;
  export type LSTMCellFunc = Tfjs.LSTMCellFunc;
  export type LSTMCellLayerArgs = Tfjs.LSTMCellLayerArgs;
  export type LSTMLayerArgs = Tfjs.LSTMLayerArgs;
  export type LayerVariable = Tfjs.LayerVariable;
  export type LayersModel = Tfjs.LayersModel;
  export type Logs = Tfjs.Logs;
  export type MathBackendCPU = Tfjs.MathBackendCPU;
  export type MathBackendWebGL = Tfjs.MathBackendWebGL;
  export type MemoryInfo = Tfjs.MemoryInfo;
  export type MetaGraph = Tfjs.MetaGraph;
  export type ModelAndWeightsConfig = Tfjs.ModelAndWeightsConfig;
  export type ModelCompileArgs = Tfjs.ModelCompileArgs;
  export type ModelEvaluateArgs = Tfjs.ModelEvaluateArgs;
  export type ModelFitArgs = Tfjs.ModelFitArgs;
  export type ModelFitDatasetArgs<T> = Tfjs.ModelFitDatasetArgs<T>;
  export type ModelPredictConfig = Tfjs.ModelPredictConfig;
  export type ModelTensorInfo = Tfjs.ModelTensorInfo;
  export type MomentumOptimizer = Tfjs.MomentumOptimizer;
  export type NamedAttrMap = Tfjs.NamedAttrMap;
  export type NamedTensorInfoMap = Tfjs.NamedTensorInfoMap;
  export type NamedTensorMap = Tfjs.NamedTensorMap;
  export type NumericDataType = Tfjs.NumericDataType;
  export type OpExecutor = Tfjs.OpExecutor;
  export type Optimizer = Tfjs.Optimizer;
  export type OptimizerConstructors = Tfjs.OptimizerConstructors;
  export type PixelData = Tfjs.PixelData;
  export type Platform = Tfjs.Platform;
  export type RMSPropOptimizer = Tfjs.RMSPropOptimizer;
  export type RNN = Tfjs.RNN;
  export type RNNLayerArgs = Tfjs.RNNLayerArgs;
  export type Rank = Tfjs.Rank;
  export type RecursiveArray<T> = Tfjs.RecursiveArray<T>;
  export type Reduction = Tfjs.Reduction;
  export type SGDOptimizer = Tfjs.SGDOptimizer;
  export type Scalar = Tfjs.Scalar;
  export type ScalarLike = Tfjs.ScalarLike;
  export type Sequential = Tfjs.Sequential;
  export type SequentialArgs = Tfjs.SequentialArgs;
  export type Shape = Tfjs.Shape;
  export type ShapeMap = Tfjs.ShapeMap;
  export type SignatureDef = Tfjs.SignatureDef;
  export type SignatureDefEntry = Tfjs.SignatureDefEntry;
  export type SimpleRNNCellLayerArgs = Tfjs.SimpleRNNCellLayerArgs;
  export type SimpleRNNLayerArgs = Tfjs.SimpleRNNLayerArgs;
  export type SymbolicTensor = Tfjs.SymbolicTensor;
  export type Tensor<R extends Rank = Rank> = Tfjs.Tensor<R>;
  export type Tensor1D = Tfjs.Tensor1D;
  export type Tensor2D = Tfjs.Tensor2D;
  export type Tensor3D = Tfjs.Tensor3D;
  export type Tensor4D = Tfjs.Tensor4D;
  export type Tensor5D = Tfjs.Tensor5D;
  export type TensorBuffer<R extends Rank, D extends DataType = 'float32'> = Tfjs.TensorBuffer<R, D>;
  export type TensorContainer = Tfjs.TensorContainer;
  export type TensorContainerArray = Tfjs.TensorContainerArray;
  export type TensorContainerObject = Tfjs.TensorContainerObject;
  export type TensorInfo = Tfjs.TensorInfo;
  export type TensorLike = Tfjs.TensorLike;
  export type TimingInfo = Tfjs.TimingInfo;
  export type TypedArray = Tfjs.TypedArray;
  export type Variable<R extends Rank = Rank> = Tfjs.Variable<R>;
  export type WebGLData = Tfjs.WebGLData;
  export type WebGLMemoryInfo = Tfjs.WebGLMemoryInfo;
  export type WebGLTimingInfo = Tfjs.WebGLTimingInfo;
  export type WebGPUData = Tfjs.WebGPUData;
  export namespace data {
    export type CSVDataset = Tfjs.data.CSVDataset;
    export type ColumnConfig = Tfjs.data.ColumnConfig;
    export type Dataset<T extends Tfjs.TensorContainer> = Tfjs.data.Dataset<T>;
    export type FileDataSource = Tfjs.data.FileDataSource;
    export type MicrophoneConfig = Tfjs.data.MicrophoneConfig;
    export type TextLineDataset = Tfjs.data.TextLineDataset;
    export type URLDataSource = Tfjs.data.URLDataSource;
    export type WebcamConfig = Tfjs.data.WebcamConfig;
  }
  export namespace io {
    export type CompositeArrayBuffer = Tfjs.io.CompositeArrayBuffer;
    export type IOHandler = Tfjs.io.IOHandler;
    export type IOHandlerSync = Tfjs.io.IOHandlerSync;
    export type LoadHandler = Tfjs.io.LoadHandler;
    export type LoadOptions = Tfjs.io.LoadOptions;
    export type ModelArtifacts = Tfjs.io.ModelArtifacts;
    export type ModelArtifactsInfo = Tfjs.io.ModelArtifactsInfo;
    export type ModelJSON = Tfjs.io.ModelJSON;
    export type ModelStoreManager = Tfjs.io.ModelStoreManager;
    export type OnProgressCallback = Tfjs.io.OnProgressCallback;
    export type RequestDetails = Tfjs.io.RequestDetails;
    export type SaveConfig = Tfjs.io.SaveConfig;
    export type SaveHandler = Tfjs.io.SaveHandler;
    export type SaveResult = Tfjs.io.SaveResult;
    export type TrainingConfig = Tfjs.io.TrainingConfig;
    export type WeightData = Tfjs.io.WeightData;
    export type WeightGroup = Tfjs.io.WeightGroup;
    export type WeightsManifestConfig = Tfjs.io.WeightsManifestConfig;
    export type WeightsManifestEntry = Tfjs.io.WeightsManifestEntry;
  }
  export namespace layers {
    export type Layer = Tfjs.layers.Layer;
    export type RNN = Tfjs.layers.RNN;
    export type RNNCell = Tfjs.layers.RNNCell;
  }
  export namespace serialization {
    export type ConfigDict = Tfjs.serialization.ConfigDict;
    export type ConfigDictArray = Tfjs.serialization.ConfigDictArray;
    export type ConfigDictValue = Tfjs.serialization.ConfigDictValue;
    export type FromConfigMethod<T extends Serializable> = Tfjs.serialization.FromConfigMethod<T>;
    export type Serializable = Tfjs.serialization.Serializable;
    export type SerializableConstructor<T extends Serializable> =
      Tfjs.serialization.SerializableConstructor<T>;
    export type SerializationMap = Tfjs.serialization.SerializationMap;
  }
}
/* eslint-enable @typescript-eslint/no-namespace */

export type {
  DataType,
  Rank,
  Scalar,
  SymbolicTensor,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorLike,
  TypedArray,
  Variable,
} from '@tensorflow/tfjs';
