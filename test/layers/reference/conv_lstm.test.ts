import { checkGroup } from './check';

checkGroup('conv_lstm');
