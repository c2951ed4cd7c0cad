import { checkGroup } from './check';

checkGroup('images');
